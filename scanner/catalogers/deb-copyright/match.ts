import type { Interest } from '../cataloger.ts';

const folder = 'usr/share/doc/';
const ending = '/copyright';
/** The longest of Debian's own, of browsers and kernels, have some hundred kilobytes. */
const read: Interest = { kind: 'optional', limit: 1024 ** 2 };

/** `usr/share/doc/PACKAGE/copyright` (Debian policy 12.5). */
export function matchCopyright(path: string): Interest | null {
  if (!path.endsWith(ending) || !path.startsWith(folder)) return null;
  return path.indexOf('/', folder.length) === path.length - ending.length ? read : null;
}

export function copyrightOf(name: string): string {
  return `${folder}${name}${ending}`;
}
