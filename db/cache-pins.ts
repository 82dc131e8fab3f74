import { type Digest, parseDigest } from '../core/digest.ts';
import type {
  CacheDesk,
  CachePin,
  CacheShare,
  CacheTotals,
  CacheView,
  HeldPin,
} from '../core/ports/cache.ts';
import type { ManifestPointer, RepositoryAddress } from '../core/repository.ts';
import { isHostedBlob, isPinned, isReferenced, withPins } from './cache-sql.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

interface PinRow {
  readonly upstream: string;
  readonly path: string;
  readonly namespace: string;
  readonly reference: string;
  readonly by: string;
  readonly note: string;
  readonly at: string;
}

const referenceOf = (pointer: ManifestPointer): string =>
  pointer.kind === 'tag' ? pointer.tag : pointer.digest;

/** Pins, written beside a server: what is let go asks the table in the same transaction. */
export function pinsOn(db: Sqlite): Sync<Pick<CacheDesk, 'putPin' | 'deletePin'>> {
  const sql = {
    put: db.prepare<[string, string, string, string, string | null, string | null, string, string, string]>(
      `INSERT OR REPLACE INTO pin (upstream, path, namespace, reference, tag, digest, "by", note, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    remove: db.prepare<[string, string, string]>(
      'DELETE FROM pin WHERE upstream = ? AND path = ? AND reference = ?',
    ),
  };
  return {
    putPin: ({ address, pointer, by, note, at }) => {
      const [tag, digest] = pointer.kind === 'tag' ? [pointer.tag, null] : [null, pointer.digest];
      const { upstream, path, namespace } = address;
      sql.put.run(upstream, path, namespace, referenceOf(pointer), tag, digest, by, note, at);
    },
    deletePin: ({ upstream, path }: RepositoryAddress, pointer) =>
      sql.remove.run(upstream, path, referenceOf(pointer)).changes > 0,
  };
}

/** What people ask of the cache: who has how much. Goes through all that is stored. */
export function cacheViewOn(db: Sqlite): Sync<CacheView> {
  const sum = 'coalesce(sum(size), 0) AS bytes, count(*) AS blobs';
  const none: CacheTotals = { bytes: 0, blobs: 0 };
  const sql = {
    pins: db.prepare<[], PinRow>('SELECT * FROM pin ORDER BY namespace, path, reference'),
    tagged: db.prepare<[string, string, string], { digest: Digest }>(
      'SELECT tag.digest FROM tag JOIN repository ON id = repository WHERE upstream = ? AND path = ? AND tag = ?',
    ),
    below: db.prepare<[Digest], CacheTotals>(
      `WITH RECURSIVE part (digest) AS (
         SELECT ?
         UNION
         SELECT json_extract(child.value, '$.digest') FROM part JOIN manifest USING (digest),
           json_each(iif(json_valid(CAST(bytes AS TEXT)), CAST(bytes AS TEXT), '{}'), '$.manifests') AS child
       )
       SELECT ${sum} FROM blob WHERE digest IN
         (SELECT manifest_blob.blob FROM part JOIN manifest_blob ON manifest = part.digest)`,
    ),
    all: db.prepare<[], CacheTotals>('SELECT bytes, blobs FROM blob_total'),
    pinned: db.prepare<[], CacheTotals>(`${withPins} SELECT ${sum} FROM blob AS b WHERE ${isPinned}`),
    hosted: db.prepare<[], CacheTotals>(`SELECT ${sum} FROM blob AS b WHERE ${isHostedBlob}`),
    unreferenced: db.prepare<[], CacheTotals>(`SELECT ${sum} FROM blob AS b WHERE NOT ${isReferenced}`),
    upstreams: db.prepare<[], CacheShare>(
      `SELECT name, ${sum} FROM (SELECT DISTINCT upstream AS name, blob.digest, blob.size ${holders})
       GROUP BY name ORDER BY bytes DESC, name`,
    ),
    repositories: db.prepare<[number], CacheShare>(
      `SELECT name, ${sum} FROM (SELECT DISTINCT canonical AS name, blob.digest, blob.size ${holders})
       GROUP BY name ORDER BY bytes DESC, name LIMIT ?`,
    ),
    paths: db.prepare<[], { path: string }>(`SELECT path FROM repository WHERE upstream = 'hosted'`),
    ofRepositories: db.prepare<[string], { bytes: number }>(
      `WITH chosen (id) AS (
         SELECT repository.id FROM json_each(?) AS named
           JOIN repository ON repository.path = named.value AND upstream = 'hosted'
       ), had (digest) AS (
         SELECT blob FROM chosen JOIN hosted_claim ON repository = chosen.id
         UNION
         SELECT blob FROM chosen JOIN repository_manifest AS held ON held.repository = chosen.id
           JOIN manifest_blob ON manifest = held.digest
       )
       SELECT coalesce(sum(size), 0) AS bytes FROM had JOIN blob USING (digest)`,
    ),
    ofUser: db.prepare<[string], { bytes: number }>(
      `SELECT coalesce(sum(size), 0) AS bytes FROM blob
       WHERE digest IN (SELECT hosted_claim.blob FROM hosted_claim WHERE user = ?)`,
    ),
  };
  const heldOf = (row: PinRow): HeldPin => {
    const address = { upstream: row.upstream, namespace: row.namespace, path: row.path };
    const named = parseDigest(row.reference);
    const pointer: CachePin['pointer'] =
      named === null ? { kind: 'tag', tag: row.reference } : { kind: 'digest', digest: named };
    const digest = named ?? sql.tagged.get(row.upstream, row.path, row.reference)?.digest ?? null;
    const { by, note, at } = row;
    const held = digest === null ? none : (sql.below.get(digest) ?? none);
    return { address, pointer, by, note, at, digest, ...held };
  };
  return {
    pins: () => sql.pins.all().map(heldOf),
    cacheStanding: (top) => ({
      ...(sql.all.get() ?? none),
      pinned: sql.pinned.get() ?? none,
      hosted: sql.hosted.get() ?? none,
      unreferenced: sql.unreferenced.get() ?? none,
      upstreams: sql.upstreams.all(),
      repositories: sql.repositories.all(top),
    }),
    hostedPaths: () => sql.paths.all().map(({ path }) => path),
    bytesOfRepositories: (paths) => sql.ofRepositories.get(JSON.stringify(paths))?.bytes ?? 0,
    bytesOfUser: (user) => sql.ofUser.get(user)?.bytes ?? 0,
  };
}

const holders = `FROM blob JOIN manifest_blob ON manifest_blob.blob = blob.digest
  JOIN repository_manifest AS held ON held.digest = manifest JOIN repository ON repository.id = held.repository`;
