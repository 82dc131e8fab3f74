import type { Interest } from '../cataloger.ts';

/** Descriptions are whole READMEs; the largest on PyPI have some megabytes. */
const read: Interest = { kind: 'content', limit: 16 * 1024 ** 2 };
/** Distutils wrote a file where setuptools makes a folder of the same name. */
const readOrFolder: Interest = { ...read, orFolder: true };

/** An installed project as one ZIP archive; more often a folder. */
const readEgg: Interest = { kind: 'content', limit: 128 * 1024 ** 2, orFolder: true };

/**
 * What installers write beside a project's code, wherever that lies: `x.dist-info/METADATA`, `x.egg-info/PKG-INFO`,
 * `x.egg/EGG-INFO/PKG-INFO`, distutils' file `x.egg-info`, and the archive `x.egg`.
 */
export function matchPython(path: string): Interest | null {
  if (path.endsWith('.egg-info')) return readOrFolder;
  if (isEgg(path)) return readEgg;
  if (path.endsWith('.dist-info/METADATA')) return read;
  if (!path.endsWith('/PKG-INFO')) return null;
  const folder = path.slice(0, -'/PKG-INFO'.length);
  return folder.endsWith('.egg-info') || folder === 'EGG-INFO' || folder.endsWith('/EGG-INFO') ? read : null;
}

export function isEgg(path: string): boolean {
  return path.endsWith('.egg');
}
