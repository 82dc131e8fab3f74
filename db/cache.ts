import type { Digest } from '../core/digest.ts';
import type { CachedBlob, CacheRecords, CacheTotals } from '../core/ports/cache.ts';
import { claimedAt, isHostedBlob, isPinned, isReferenced, withPins } from './cache-sql.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

type CacheBlobs = Pick<
  CacheRecords,
  | 'putBlobUses'
  | 'cacheTotals'
  | 'blobsByUse'
  | 'releaseBlobs'
  | 'storedBlobs'
  | 'forgetBlobs'
  | 'idleClaims'
  | 'dropClaims'
>;

interface BlobRow {
  readonly digest: Digest;
  readonly size: number;
  readonly used_at: number;
  readonly hosted: number;
  readonly pinned: number;
  readonly referenced: number;
  readonly claimed_at: number | null;
}

/** Which blobs lie in the store, and which of them may go. What may go is decided here, in the transaction that lets it. */
export function cacheOn(db: Sqlite): Sync<CacheBlobs> {
  const sql = {
    put: db.prepare<[Digest, number, number]>(
      `INSERT INTO blob (digest, size, used_at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET size = excluded.size, used_at = max(used_at, excluded.used_at)`,
    ),
    totals: db.prepare<[], CacheTotals>('SELECT bytes, blobs FROM blob_total'),
    byUse: db.prepare<[number, Digest | '', number], BlobRow>(
      `${withPins}
       SELECT b.digest, b.size, b.used_at, ${isHostedBlob} AS hosted, ${isPinned} AS pinned,
         ${isReferenced} AS referenced, ${claimedAt} AS claimed_at
       FROM (SELECT * FROM blob WHERE (used_at, digest) > (?, ?) ORDER BY used_at, digest LIMIT ?) AS b
       ORDER BY b.used_at, b.digest`,
    ),
    // What was used since it was chosen is not the least recently used any more.
    mayGo: db.prepare<[string, number, number], { digest: Digest }>(
      `${withPins}
       SELECT b.digest FROM json_each(?) AS chosen JOIN blob AS b ON b.digest = chosen.value ->> '$.digest'
       WHERE b.used_at <= chosen.value ->> '$.usedAt' AND NOT ${isHostedBlob} AND NOT ${isPinned}
         AND coalesce(${claimedAt}, 0) < ? AND NOT (? AND ${isReferenced})`,
    ),
    forget: db.prepare<[string]>('DELETE FROM blob WHERE digest IN (SELECT value FROM json_each(?))'),
    unprove: db.prepare<[string]>(
      `DELETE FROM repository_blob WHERE blob IN (SELECT value FROM json_each(?))
         AND repository IN (SELECT id FROM repository WHERE upstream = 'hosted')`,
    ),
    unpush: db.prepare<[string]>(
      `DELETE FROM blob_push WHERE blob IN (SELECT value FROM json_each(?))
         AND repository IN (SELECT id FROM repository WHERE upstream = 'hosted')`,
    ),
    unclaim: db.prepare<[string]>('DELETE FROM hosted_claim WHERE blob IN (SELECT value FROM json_each(?))'),
    stored: db.prepare<[string, string], { digest: Digest }>(
      'SELECT digest FROM blob WHERE digest >= ? AND digest < ?',
    ),
    idle: db.prepare<[number, number], { blob: Digest; repository: number }>(
      `SELECT DISTINCT blob, repository FROM hosted_claim AS claim WHERE at < ? AND NOT ${hasHolder} LIMIT ?`,
    ),
    isIdle: db.prepare<[Digest, number, number]>(
      `SELECT 1 FROM hosted_claim AS claim WHERE blob = ? AND repository = ? AND NOT ${hasHolder}
       GROUP BY blob HAVING max(at) < ?`,
    ),
    dropClaim: ['hosted_claim', 'repository_blob', 'blob_push'].map((table) =>
      db.prepare<[Digest, number]>(`DELETE FROM ${table} WHERE blob = ? AND repository = ?`),
    ),
  };
  const totals = (): CacheTotals => sql.totals.get() ?? { bytes: 0, blobs: 0 };
  /** Repositories that live here have lost them; that an upstream has them stays true. */
  const lose = (blobs: readonly Digest[]): void => {
    const list = JSON.stringify(blobs);
    for (const statement of [sql.unclaim, sql.unpush, sql.unprove, sql.forget]) statement.run(list);
  };
  const put = db.transaction((blobs: Parameters<CacheBlobs['putBlobUses']>[0]): CacheTotals => {
    for (const { digest, size, usedAt } of blobs) sql.put.run(digest, size, usedAt);
    return totals();
  });
  const release = db.transaction(
    ({
      blobs,
      unreferenced,
      claimedBefore,
    }: Parameters<CacheBlobs['releaseBlobs']>[0]): readonly Digest[] => {
      const going = sql.mayGo
        .all(JSON.stringify(blobs), claimedBefore, unreferenced ? 1 : 0)
        .map(({ digest }) => digest);
      lose(going);
      return going;
    },
  );
  const drop = db.transaction(
    (claims: Parameters<CacheBlobs['dropClaims']>[0], claimedBefore: number): number => {
      const idle = claims.filter(
        ({ blob, repository }) => sql.isIdle.get(blob, repository, claimedBefore) !== undefined,
      );
      for (const { blob, repository } of idle) {
        for (const statement of sql.dropClaim) statement.run(blob, repository);
      }
      return idle.length;
    },
  );

  return {
    putBlobUses: (blobs) => put.immediate(blobs),
    cacheTotals: totals,
    blobsByUse: (after, limit) =>
      sql.byUse.all(after?.usedAt ?? -1, after?.digest ?? '', limit).map(
        (row): CachedBlob => ({
          digest: row.digest,
          size: row.size,
          usedAt: row.used_at,
          hosted: row.hosted === 1,
          pinned: row.pinned === 1,
          referenced: row.referenced === 1,
          claimedAt: row.claimed_at,
        }),
      ),
    releaseBlobs: (asked) => release.immediate(asked),
    storedBlobs: (algorithm, hexPrefix) =>
      // "g" comes after all hex digits.
      sql.stored.all(`${algorithm}:${hexPrefix}`, `${algorithm}:${hexPrefix}g`).map(({ digest }) => digest),
    forgetBlobs: (blobs) => {
      sql.forget.run(JSON.stringify(blobs));
    },
    idleClaims: (claimedBefore, limit) => sql.idle.all(claimedBefore, limit),
    dropClaims: (claims, claimedBefore) => drop.immediate(claims, claimedBefore),
  };
}

/** A manifest of the claim's own repository refers to the blob. */
const hasHolder = `EXISTS (
  SELECT 1 FROM manifest_blob JOIN repository_manifest AS held ON held.digest = manifest
  WHERE manifest_blob.blob = claim.blob AND held.repository = claim.repository)`;
