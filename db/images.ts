import type { Digest } from '../core/digest.ts';
import type { Sqlite } from './sqlite.ts';

/** Canonical names of the repositories that hold a manifest, sorted. */
export function imagesOn(db: Sqlite): (digest: Digest) => string[] {
  const select = db.prepare<[Digest], { canonical: string }>(
    `SELECT DISTINCT canonical FROM repository JOIN repository_manifest ON repository.id = repository
     WHERE digest = ? ORDER BY canonical`,
  );
  return (digest) => select.all(digest).map((row) => row.canonical);
}
