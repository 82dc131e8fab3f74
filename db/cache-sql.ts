/** Parts of queries over stored blobs. `b` is a row of `blob`; `pinned_blob` comes from `withPins`. */

/** All manifests that pins lead to, through indexes at any depth, and their blobs. A pin of a tag goes with the tag. */
export const withPins = `WITH RECURSIVE
  pinned_manifest (digest) AS (
    SELECT coalesce(p.digest, t.digest) FROM pin AS p
      LEFT JOIN repository AS r ON r.upstream = p.upstream AND r.path = p.path
      LEFT JOIN tag AS t ON t.repository = r.id AND t.tag = p.tag
    UNION
    SELECT json_extract(child.value, '$.digest') FROM pinned_manifest
      JOIN manifest USING (digest),
      json_each(iif(json_valid(CAST(bytes AS TEXT)), CAST(bytes AS TEXT), '{}'), '$.manifests') AS child
  ),
  pinned_blob (digest) AS (
    SELECT blob FROM pinned_manifest JOIN manifest_blob ON manifest = digest
  )`;

export const isHostedBlob = `EXISTS (
  SELECT 1 FROM manifest_blob JOIN repository_manifest AS held ON held.digest = manifest
    JOIN repository ON repository.id = held.repository
  WHERE blob = b.digest AND upstream = 'hosted')`;

export const isReferenced = `EXISTS (
  SELECT 1 FROM manifest_blob JOIN repository_manifest AS held ON held.digest = manifest
  WHERE blob = b.digest)`;

export const claimedAt = `(SELECT max(at) FROM hosted_claim WHERE blob = b.digest)`;

export const isPinned = `b.digest IN (SELECT digest FROM pinned_blob)`;
