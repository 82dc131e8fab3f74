import type { Digest } from '../core/digest.ts';
import type { BlobClaim, HostedRecords } from '../core/ports/hosted.ts';
import type { ManifestRecord } from '../core/ports/records.ts';
import { hostedUpstream, isHosted, type RepositoryAddress } from '../core/repository.ts';
import type { Sqlite } from './sqlite.ts';

/** The same operations as `HostedRecords`, answered at once. */
export type SyncHosted = {
  [Name in keyof HostedRecords]: (
    ...args: Parameters<HostedRecords[Name]>
  ) => Awaited<ReturnType<HostedRecords[Name]>>;
};

/**
 * @param repositories `idOf`: the row of a repository, -1 where there is none; `claim`: makes it; `manifestOf`: the
 * record of a manifest that the repository holds; `holdersChanged`: told inside the transaction
 */
export function hostedOn(
  db: Sqlite,
  repositories: {
    readonly idOf: (address: RepositoryAddress) => number;
    readonly claim: (address: RepositoryAddress) => number;
    readonly manifestOf: (address: RepositoryAddress, digest: Digest) => ManifestRecord | null;
    readonly holdersChanged: (digest: Digest) => void;
  },
): SyncHosted {
  const { idOf, claim, manifestOf, holdersChanged } = repositories;
  const sql = {
    repositories: db.prepare<[string, string, number], { path: string }>(
      `SELECT path FROM repository WHERE upstream = ? AND path > ?
       AND EXISTS (SELECT 1 FROM repository_manifest WHERE repository = id) ORDER BY path LIMIT ?`,
    ),
    tags: db.prepare<[number, string, number], { tag: string }>(
      'SELECT tag FROM tag WHERE repository = ? AND tag > ? ORDER BY tag LIMIT ?',
    ),
    deleteTag: db.prepare<[number, string]>('DELETE FROM tag WHERE repository = ? AND tag = ?'),
    putTagOnce: db.prepare<[number, string, Digest, string]>(
      'INSERT INTO tag (repository, tag, digest, seen_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    digestOf: db.prepare<[number, string], { digest: Digest }>(
      'SELECT digest FROM tag WHERE repository = ? AND tag = ?',
    ),
    tagsOf: db.prepare<[number, Digest], { tag: string }>(
      'SELECT tag FROM tag WHERE repository = ? AND digest = ? ORDER BY tag',
    ),
    deleteTagsOf: db.prepare<[number, Digest]>('DELETE FROM tag WHERE repository = ? AND digest = ?'),
    deleteManifest: db.prepare<[number, Digest]>(
      'DELETE FROM repository_manifest WHERE repository = ? AND digest = ?',
    ),
    prove: db.prepare<[Digest, number]>(
      'INSERT INTO repository_blob (blob, repository) VALUES (?, ?) ON CONFLICT DO NOTHING',
    ),
    store: db.prepare<[Digest, number, number]>(
      `INSERT INTO blob (digest, size, used_at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET used_at = max(used_at, excluded.used_at)`,
    ),
    claim: db.prepare<[Digest, number, string, number]>(
      'INSERT OR REPLACE INTO hosted_claim (blob, repository, user, at) VALUES (?, ?, ?, ?)',
    ),
    // What a manifest there still refers to counts on, whoever has taken the blob out.
    deleteClaims: db.prepare<[Digest, number]>(
      `DELETE FROM hosted_claim AS claim WHERE blob = ? AND repository = ? AND NOT EXISTS (
         SELECT 1 FROM manifest_blob JOIN repository_manifest AS held ON held.digest = manifest
         WHERE manifest_blob.blob = claim.blob AND held.repository = claim.repository)`,
    ),
    push: db.prepare<[Digest, number, string]>(
      'INSERT INTO blob_push (blob, repository, user) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    isPushedBy: db.prepare<[Digest, number, string]>(
      'SELECT 1 FROM blob_push WHERE blob = ? AND repository = ? AND user = ?',
    ),
    pushedTo: db.prepare<[Digest, string, string, number], RepositoryAddress>(
      `SELECT upstream, path, substr(canonical, 1, length(canonical) - length(path) - 1) AS namespace
       FROM blob_push NATURAL JOIN repository_blob JOIN repository ON id = repository
       WHERE blob = ? AND user = ? AND upstream = ? ORDER BY id LIMIT ?`,
    ),
    deleteBlob: db.prepare<[Digest, number]>('DELETE FROM repository_blob WHERE blob = ? AND repository = ?'),
    deletePushes: db.prepare<[Digest, number]>('DELETE FROM blob_push WHERE blob = ? AND repository = ?'),
    putSubject: db.prepare<[Digest, Digest]>(
      'INSERT INTO manifest_subject (subject, manifest) VALUES (?, ?) ON CONFLICT DO NOTHING',
    ),
    withSubject: db.prepare<[Digest, number, string, number], { manifest: Digest }>(
      `SELECT manifest FROM manifest_subject JOIN repository_manifest ON digest = manifest
       WHERE subject = ? AND repository = ? AND manifest > ? ORDER BY manifest LIMIT ?`,
    ),
  };
  const putClaim = db.transaction((address: RepositoryAddress, given: BlobClaim): void => {
    const { blob, size, user, mountedBy, at } = given;
    const repository = claim(address);
    sql.store.run(blob, size, at);
    sql.prove.run(blob, repository);
    if (user !== null) sql.push.run(blob, repository, user);
    if (isHosted(address)) sql.claim.run(blob, repository, user ?? mountedBy ?? '', at);
  });
  const deleteBlob = db.transaction((address: RepositoryAddress, blob: Digest): boolean => {
    sql.deletePushes.run(blob, idOf(address));
    sql.deleteClaims.run(blob, idOf(address));
    return sql.deleteBlob.run(blob, idOf(address)).changes > 0;
  });
  const tagsOf = (address: RepositoryAddress, digest: Digest): readonly string[] =>
    sql.tagsOf.all(idOf(address), digest).map(({ tag }) => tag);
  const deleteManifest = db.transaction(
    (
      address: RepositoryAddress,
      digest: Digest,
      tags: readonly string[],
    ): 'deleted' | 'absent' | 'tagged-anew' => {
      const known = new Set(tags);
      if (tagsOf(address, digest).some((tag) => !known.has(tag))) return 'tagged-anew';
      sql.deleteTagsOf.run(idOf(address), digest);
      if (sql.deleteManifest.run(idOf(address), digest).changes === 0) return 'absent';
      holdersChanged(digest);
      return 'deleted';
    },
  );
  const putTagOnce = db.transaction(
    (address: RepositoryAddress, tag: string, digest: Digest, seenAt: string): Digest => {
      const repository = claim(address);
      sql.putTagOnce.run(repository, tag, digest, seenAt);
      return sql.digestOf.get(repository, tag)?.digest ?? digest;
    },
  );

  return {
    listRepositories: (upstream, last, limit) =>
      sql.repositories.all(upstream, last ?? '', limit).map(({ path }) => path),
    hasRepository: (address) => idOf(address) >= 0,
    listTags: (address, last, limit) => sql.tags.all(idOf(address), last ?? '', limit).map((row) => row.tag),
    deleteTag: (address, tag) => sql.deleteTag.run(idOf(address), tag).changes > 0,
    putTagOnce: (address, tag, digest, seenAt) => putTagOnce(address, tag, digest, seenAt),
    tagsOf,
    deleteManifest: (address, digest, tags) => deleteManifest(address, digest, tags),
    putClaim: (address, given) => putClaim(address, given),
    isPushedBy: (address, blob, user) => sql.isPushedBy.get(blob, idOf(address), user) !== undefined,
    pushedTo: (blob, user, limit) => sql.pushedTo.all(blob, user, hostedUpstream, limit),
    deleteBlob: (address, blob) => deleteBlob(address, blob),
    putSubject: (manifest, subject) => {
      sql.putSubject.run(subject, manifest);
    },
    manifestsWithSubject: (address, subject, { last, count, bytes }) => {
      const manifests: ManifestRecord[] = [];
      let left = bytes;
      for (const { manifest } of sql.withSubject.all(subject, idOf(address), last ?? '', count + 1)) {
        if (manifests.length >= count || left <= 0) return { manifests, more: true };
        const record = manifestOf(address, manifest);
        if (record === null) continue;
        manifests.push(record);
        left -= record.bytes.length;
      }
      return { manifests, more: false };
    },
  };
}
