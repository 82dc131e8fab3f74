import { mostSightingsOf, type Sighting, type Sightings } from '../core/ports/sightings.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

/** The operations of `Sightings`, answered at once. */
export type SyncSightings = Sync<Sightings>;

/** Rows that are kept; the ones that were seen least lately go. */
export const mostSightings = 200_000;
/** Rows that may come before they are counted again: to count them takes a millisecond. */
const uncounted = 1_000;

export function sightingsOn(db: Sqlite, most = mostSightings): SyncSightings {
  const sql = {
    put: db.prepare<Omit<Sighting, 'firstAt'>>(
      `INSERT INTO sighting (digest, cluster, namespace, workload, image, team, first_at, last_at)
       VALUES (@digest, @cluster, @namespace, @workload, @image, @team, @lastAt, @lastAt)
       ON CONFLICT DO UPDATE SET image = @image, team = @team, last_at = max(last_at, @lastAt)`,
    ),
    count: db.prepare<[], { rows: number }>('SELECT count(*) AS rows FROM sighting'),
    trim: db.prepare<[number]>(
      `DELETE FROM sighting WHERE (digest, cluster, namespace, workload) IN (
         SELECT digest, cluster, namespace, workload FROM sighting ORDER BY last_at LIMIT ?)`,
    ),
    since: db.prepare<[string], Sighting>(
      `SELECT digest, cluster, namespace, workload, image, team, first_at AS firstAt, last_at AS lastAt
       FROM sighting WHERE last_at >= ? ORDER BY digest, cluster, namespace, workload`,
    ),
    of: db.prepare<[string, string, number], Sighting>(
      `SELECT digest, cluster, namespace, workload, image, team, first_at AS firstAt, last_at AS lastAt
       FROM sighting WHERE digest = ? AND last_at >= ? ORDER BY cluster, namespace, workload LIMIT ?`,
    ),
    forget: db.prepare<[string]>('DELETE FROM sighting WHERE last_at < ?'),
  };
  const slack = Math.min(uncounted, Math.floor(most / 2));
  /** How many may still come before the rows are counted. */
  let left = 0;
  const putSightings = db.transaction((seen: readonly Omit<Sighting, 'firstAt'>[]): void => {
    for (const one of seen) sql.put.run(one);
    left -= seen.length;
    if (left >= 0) return;
    const { rows } = sql.count.get() ?? { rows: 0 };
    const spare = most - rows;
    if (spare < 0) sql.trim.run(slack - spare);
    left = spare < 0 ? slack : spare;
  });
  return {
    putSightings: (seen) => putSightings.immediate(seen),
    sightings: (since) => sql.since.all(since),
    sightingsOf: (digests, since) => digests.flatMap((digest) => sql.of.all(digest, since, mostSightingsOf)),
    forgetSightingsBefore: (at) => sql.forget.run(at).changes,
  };
}
