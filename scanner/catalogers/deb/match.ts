import type { Interest } from '../cataloger.ts';

/** A Debian with every package there is stays below this. */
const largestDatabase = 64 * 1024 ** 2;
const read: Interest = { kind: 'content', limit: largestDatabase };
/** Lists of the largest packages have some megabytes. */
const list: Interest = { kind: 'trace', limit: 16 * 1024 ** 2 };

export const statusFile = 'var/lib/dpkg/status';
export const diversionsFile = 'var/lib/dpkg/diversions';
export const statusFolder = 'var/lib/dpkg/status.d/';
const infoFolder = 'var/lib/dpkg/info/';

/** dpkg's database, and distroless' folder with one file per package. Lists of files show that packages were there. */
export function matchDeb(path: string): Interest | null {
  if (!path.startsWith('var/lib/dpkg/')) return null;
  if (path === statusFile) return read;
  if (isFileList(path)) return list;
  if (path.startsWith(statusFolder)) return path.includes('/', statusFolder.length) ? null : read;
  return path.startsWith(infoFolder) && path.endsWith('.md5sums') ? { kind: 'trace' } : null;
}

const pendingFolder = 'var/lib/dpkg/updates/';

/** Changes that dpkg has written down and not yet taken over into its status: files with a number for a name. */
export function matchPending(path: string): Interest | null {
  return path.startsWith(pendingFolder) && /^[0-9]+$/.test(path.slice(pendingFolder.length)) ? read : null;
}

/** Where it is told which files are whose. Distroless has checksums of files and no other list. */
export function isFileList(path: string): boolean {
  if (path === diversionsFile) return true;
  return path.startsWith(statusFolder)
    ? path.endsWith('.md5sums')
    : path.startsWith(infoFolder) && path.endsWith('.list');
}
