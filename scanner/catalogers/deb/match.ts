import type { Interest } from '../cataloger.ts';

/** A Debian with every package there is stays below this. */
const largestDatabase = 64 * 1024 ** 2;
const read: Interest = { kind: 'content', limit: largestDatabase };

export const statusFile = 'var/lib/dpkg/status';
const statusFolder = 'var/lib/dpkg/status.d/';
const infoFolder = 'var/lib/dpkg/info/';

/** dpkg's database, and distroless' folder with one file per package. Lists of files show that packages were there. */
export function matchDeb(path: string): Interest | null {
  if (!path.startsWith('var/lib/dpkg/')) return null;
  if (path === statusFile) return read;
  const isList = path.endsWith('.list') || path.endsWith('.md5sums');
  if (path.startsWith(statusFolder)) {
    if (path.endsWith('.md5sums')) return { kind: 'trace' };
    return path.includes('/', statusFolder.length) ? null : read;
  }
  return path.startsWith(infoFolder) && isList ? { kind: 'trace' } : null;
}
