import type { Digest } from '../core/digest.ts';
import type { Inventory } from '../core/inventory.ts';
import { countPackages, type PackageMatches, systemKey } from '../core/match.ts';
import type { Records } from '../core/ports/records.ts';
import { FoundPackages, type ImagePackagesRow, packFindings } from './found-packages.ts';
import { type PackageIds, packagesOn, packIds, unpackIds } from './packages.ts';
import { reportedOn } from './reported.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

export type SyncMatches = Sync<Pick<Records, 'getMatch' | 'sweepPackages'>>;

/**
 * What was found in images. It belongs to distinct packages, each of which has its findings once, all of them under one
 * revision of the advisories; an image's match is assembled from those of its packages.
 * @param held findings that are kept in memory; none where the same connection writes
 */
export function matchesOn(
  db: Sqlite,
  held = 0,
): {
  readonly matches: SyncMatches;
  /** Writes down which packages an image has, inside somebody's transaction. */
  readonly index: (image: number, inventory: Pick<Inventory, 'os' | 'packages'>) => PackageIds;
  /**
   * Keeps what was found in the packages of an image, inside somebody's transaction. Where it was found under
   * another revision than the recorded one, or in other packages, nothing is kept.
   */
  readonly put: (
    image: number,
    packages: () => Pick<Inventory, 'os' | 'packages'>,
    found: PackageMatches,
  ) => void;
} {
  const sql = {
    image: db.prepare<[number], ImagePackagesRow>(
      'SELECT system, types, packages FROM image_packages WHERE image = ?',
    ),
    ofDigest: db.prepare<[Digest], ImagePackagesRow>(
      `SELECT system, types, image_packages.packages AS packages FROM inventory
       JOIN image_packages ON image = inventory.id WHERE digest = ?`,
    ),
    putImage: db.prepare<[number, string, string, Uint8Array]>(
      'INSERT OR REPLACE INTO image_packages (image, system, types, packages) VALUES (?, ?, ?, ?)',
    ),
    begin: db.prepare<[string]>('INSERT INTO match_state (one, revision, generation) VALUES (1, ?, 1)'),
    putFindings: db.prepare<[number, Uint8Array, string | null]>(
      'INSERT INTO package_match (package, findings, spoken_for) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    hasFindings: db.prepare<[number]>('SELECT 1 FROM package_match WHERE package = ?'),
    putGround: db.prepare<[string, string]>(
      `INSERT INTO match_ground (system, ground) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET ground = excluded.ground WHERE ground <> excluded.ground`,
    ),
  };
  const packages = packagesOn(db);
  const reported = reportedOn(db);
  // Who writes may remember nothing of another transaction: it may have been rolled back.
  const found = new FoundPackages(db, held);

  const index = (image: number, inventory: Pick<Inventory, 'os' | 'packages'>): PackageIds => {
    const before = sql.image.get(image);
    const ids = packages.idsOf(inventory.os, inventory.packages);
    packages.link(image, before === undefined ? null : unpackIds(before.packages), ids);
    const counts = JSON.stringify(countPackages(inventory.packages));
    sql.putImage.run(image, systemKey(inventory.os), counts, packIds(ids));
    return ids;
  };
  const getMatch = db.transaction((digest: Digest, revision: string | null) => {
    // Where another scanner decides, what it has said is what is found.
    const said = reported.getReported(digest);
    if (said !== null) {
      return revision === null || revision === said.match.advisories.revision ? said.match : null;
    }
    const state = found.state();
    if (state === null || (revision !== null && revision !== state.revision)) return null;
    const row = sql.ofDigest.get(digest);
    return row === undefined ? null : found.match(row, state);
  });
  return {
    index,
    put: (image, inventory, matches) => {
      const state = found.state();
      if (state !== null && state.revision !== matches.revision) return;
      const known = sql.image.get(image);
      // Recorded by a version that knew no distinct packages.
      const ids = known === undefined ? index(image, inventory()) : unpackIds(known.packages);
      const system = known?.system ?? systemKey(inventory().os);
      if (ids.length !== matches.packages.length) return;
      if (state === null) sql.begin.run(matches.revision);
      sql.putGround.run(system, JSON.stringify(matches.ground));
      for (const [position, { findings, spokenFor }] of matches.packages.entries()) {
        const id = ids[position];
        if (id === undefined || sql.hasFindings.get(id) !== undefined) continue;
        sql.putFindings.run(id, packFindings(findings), spokenFor);
      }
    },
    matches: {
      getMatch: (digest, revision) => getMatch(digest, revision),
      sweepPackages: db.transaction((after: number) => packages.sweep(after)).immediate,
    },
  };
}
