import type { Interest } from '../cataloger.ts';

/** A Debian with every package there is stays below this. */
const largestDatabase = 128 * 1024 ** 2;

export const statusFile = 'var/lib/dpkg/status';
const statusFolder = 'var/lib/dpkg/status.d/';
const infoFolder = 'var/lib/dpkg/info/';

/** dpkg's database, and distroless' folder with one file per package. */
export function matchDeb(path: string): Interest | null {
  if (!path.startsWith('var/lib/dpkg/')) return null;
  if (path === statusFile) return { kind: 'content', limit: largestDatabase };
  if (path.startsWith(statusFolder)) {
    const name = path.slice(statusFolder.length);
    return name.includes('/') || name.endsWith('.md5sums')
      ? null
      : { kind: 'content', limit: largestDatabase };
  }
  return path.startsWith(infoFolder) && path.endsWith('.list') ? { kind: 'trace' } : null;
}
