import type { Interest } from '../cataloger.ts';

/** Some kilobytes for each package. */
const read: Interest = { kind: 'content', limit: 32 * 1024 ** 2 };

/** What Composer has installed, in `vendor` or wherever a project's `vendor-dir` is. */
export function matchPhp(path: string): Interest | null {
  return path.endsWith('/composer/installed.json') || path === 'composer/installed.json' ? read : null;
}

/** Where Composer keeps its list and the loader of what it has installed. */
export function isPhpFolder(path: string): boolean {
  return path.endsWith('/vendor/composer') || path === 'vendor/composer';
}
