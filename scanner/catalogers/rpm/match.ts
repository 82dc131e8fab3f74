import { baseOf, parentOf } from '../../archive/tar-path.ts';
import type { Interest } from '../cataloger.ts';

/** A package takes about 130 kB in images of AlmaLinux: enough for two thousand. */
const largestDatabase = 256 * 1024 ** 2;
const read: Interest = { kind: 'content', limit: largestDatabase };

/** Where rpm keeps its database, by age: of old, on SUSE and Fedora, on systems made by ostree. */
export const folders = ['var/lib/rpm', 'usr/lib/sysimage/rpm', 'usr/share/rpm'] as const;
const inFolders: ReadonlySet<string> = new Set(folders);

/** Berkeley DB, ndb, SQLite. */
const databaseNames = ['Packages', 'Packages.db', 'rpmdb.sqlite'] as const;
const isDatabaseName: ReadonlySet<string> = new Set(databaseNames);
/** What SQLite has not yet written to its main file, or would take back. */
const pendingNames: ReadonlySet<string> = new Set(['rpmdb.sqlite-wal', 'rpmdb.sqlite-journal']);
/** Indexes that rpm makes beside a database. */
const traceNames: ReadonlySet<string> = new Set(['Basenames', 'Name', 'Index.db', 'rpmdb.sqlite-shm']);

export const databases: readonly string[] = folders.flatMap((folder) =>
  databaseNames.map((name) => `${folder}/${name}`),
);

/** In place of a database, where there is no rpm either. */
export const manifest = 'var/lib/rpmmanifest/container-manifest-2';

export function matchRpm(path: string): Interest | null {
  if (path === manifest) return read;
  const name = baseOf(path);
  const isTrace = traceNames.has(name);
  if (!isTrace && !isDatabaseName.has(name)) return null;
  if (!inFolders.has(parentOf(path))) return null;
  return isTrace ? { kind: 'trace' } : read;
}

export function isDatabaseElsewhere(path: string): boolean {
  return isDatabaseName.has(baseOf(path));
}

/** Files in which SQLite keeps changes of the database beside it. */
export function matchPending(path: string): Interest | null {
  return pendingNames.has(baseOf(path)) && inFolders.has(parentOf(path)) ? read : null;
}
