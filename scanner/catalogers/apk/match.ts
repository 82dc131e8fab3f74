import type { Interest } from '../cataloger.ts';

const largestDatabase = 64 * 1024 ** 2;

/** Where apk-tools keep the database; newer ones below usr/. */
export const databases = ['lib/apk/db/installed', 'usr/lib/apk/db/installed'] as const;
const traces = new Set([
  'etc/apk/world',
  ...['lib/apk/db', 'usr/lib/apk/db'].flatMap((folder) =>
    ['scripts.tar', 'scripts.tar.gz', 'triggers'].map((name) => `${folder}/${name}`),
  ),
]);

export function matchApk(path: string): Interest | null {
  if (path === databases[0] || path === databases[1]) return { kind: 'content', limit: largestDatabase };
  return traces.has(path) ? { kind: 'trace' } : null;
}
