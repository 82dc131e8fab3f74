import {
  mostSightingsOf,
  type RunningReport,
  type Sighting,
  type Sightings,
  type WatchedCluster,
} from '../core/ports/sightings.ts';
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
       ON CONFLICT DO UPDATE SET image = @image, team = @team, last_at = max(last_at, @lastAt), stopped_at = NULL`,
    ),
    runs: db.prepare<Omit<Sighting, 'firstAt'> & { readonly look: string }>(
      `INSERT INTO sighting (digest, cluster, namespace, workload, image, team, first_at, last_at, look)
       VALUES (@digest, @cluster, @namespace, @workload, @image, @team, @lastAt, @lastAt, @look)
       ON CONFLICT DO UPDATE SET image = @image, team = @team, last_at = max(last_at, @lastAt), look = @look,
         stopped_at = NULL`,
    ),
    stopped: db.prepare<
      Pick<Sighting, 'digest' | 'namespace' | 'workload' | 'cluster'> & { readonly at: string }
    >(
      `UPDATE sighting SET stopped_at = @at WHERE digest = @digest AND cluster = @cluster AND namespace = @namespace
         AND workload = @workload AND stopped_at IS NULL`,
    ),
    othersStopped: db.prepare<[string, string, string]>(
      'UPDATE sighting SET stopped_at = ? WHERE cluster = ? AND stopped_at IS NULL AND look IS NOT ?',
    ),
    watched: db.prepare<Pick<RunningReport, 'cluster' | 'look' | 'at'>>(
      `INSERT INTO watched_cluster (cluster, look, told_at) VALUES (@cluster, @look, @at)
       ON CONFLICT DO UPDATE SET look = @look, told_at = @at`,
    ),
    watchedSince: db.prepare<[string], WatchedCluster>(
      'SELECT cluster, told_at AS at FROM watched_cluster WHERE told_at >= ? ORDER BY cluster',
    ),
    count: db.prepare<[], { rows: number }>('SELECT count(*) AS rows FROM sighting'),
    trim: db.prepare<[number]>(
      `DELETE FROM sighting WHERE (digest, cluster, namespace, workload) IN (
         SELECT digest, cluster, namespace, workload FROM sighting ORDER BY last_at LIMIT ?)`,
    ),
    since: db.prepare<[string], Sighting>(
      `SELECT digest, cluster, namespace, workload, image, team, first_at AS firstAt, last_at AS lastAt
       FROM sighting WHERE last_at >= ? AND stopped_at IS NULL ORDER BY digest, cluster, namespace, workload`,
    ),
    of: db.prepare<[string, string, number], Sighting>(
      `SELECT digest, cluster, namespace, workload, image, team, first_at AS firstAt, last_at AS lastAt
       FROM sighting WHERE digest = ? AND last_at >= ? AND stopped_at IS NULL ORDER BY cluster, namespace, workload LIMIT ?`,
    ),
    forget: db.prepare<[string]>('DELETE FROM sighting WHERE last_at < ?'),
  };
  const slack = Math.min(uncounted, Math.floor(most / 2));
  /** How many may still come before the rows are counted. */
  let left = 0;
  const bound = (came: number): void => {
    left -= came;
    if (left >= 0) return;
    const { rows } = sql.count.get() ?? { rows: 0 };
    const spare = most - rows;
    if (spare < 0) sql.trim.run(slack - spare);
    left = spare < 0 ? slack : spare;
  };
  const putSightings = db.transaction((seen: readonly Omit<Sighting, 'firstAt'>[]): void => {
    for (const one of seen) sql.put.run(one);
    bound(seen.length);
  });
  const putRunning = db.transaction((report: RunningReport): void => {
    const { cluster, at, look } = report;
    for (const one of report.running) sql.runs.run({ ...one, cluster, look, lastAt: at });
    for (const one of report.stopped) sql.stopped.run({ ...one, cluster, at });
    // An image that was let in a moment ago and does not run yet is among them until it does.
    if (report.whole) sql.othersStopped.run(at, cluster, look);
    sql.watched.run({ cluster, look, at });
    bound(report.running.length);
  });
  return {
    putSightings: (seen) => putSightings.immediate(seen),
    putRunning: (report) => putRunning.immediate(report),
    watchedClusters: (since) => sql.watchedSince.all(since),
    sightings: (since) => sql.since.all(since),
    sightingsOf: (digests, since) => digests.flatMap((digest) => sql.of.all(digest, since, mostSightingsOf)),
    forgetSightingsBefore: (at) => sql.forget.run(at).changes,
  };
}
