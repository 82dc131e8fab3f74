import type { Digest } from '../core/digest.ts';
import type { CacheDesk, CacheRecords, CacheView } from '../core/ports/cache.ts';
import type { ManifestRecord, Records } from '../core/ports/records.ts';
import type { EvaluatedVerdicts, VerdictStore } from '../core/ports/verdicts.ts';
import { canonicalName, type RepositoryAddress } from '../core/repository.ts';
import { accessTokensOn, type SyncAccessTokens } from './access-tokens.ts';
import { attachedVexOn, type SyncAttachedVex } from './attached-vex.ts';
import { cacheOn } from './cache.ts';
import { cacheViewOn, pinsOn } from './cache-pins.ts';
import { cacheOrdersOn, cacheRequestsOn } from './cache-requests.ts';
import { changesOn } from './changes.ts';
import { exceptionsOn, type SyncExceptions } from './exceptions.ts';
import { gateStreamOn, type SyncGateStream } from './gate-stream.ts';
import { holdersOn } from './holders.ts';
import { hostedOn, type SyncHosted } from './hosted.ts';
import { imagesOn } from './images.ts';
import { inventoriesOn, type SyncInventories } from './inventories.ts';
import { keptOn } from './kept.ts';
import { outboxOn, type SyncOutbox } from './outbox.ts';
import { packText, unpackText } from './packed-json.ts';
import { rematchingOn, rematchMarksOn, type SyncRematching } from './rematching.ts';
import { reportedOn, type SyncReported } from './reported.ts';
import { type SyncScanJobs, scanJobsOn } from './scan-jobs.ts';
import { type SyncSightings, sightingsOn } from './sightings.ts';
import { migrate, openDatabase, openExisting, openReadOnly, requireSchema, type Sqlite } from './sqlite.ts';
import { stateSchema } from './state-schema.ts';
import type { Sync } from './sync.ts';
import { verdictsOn } from './verdicts.ts';

/** The same operations as `Records`, answered at once. */
export type SyncRecords = Sync<Records>;
/** The same operations as `VerdictStore` and `EvaluatedVerdicts`, answered at once. */
export type SyncVerdicts = Sync<VerdictStore & EvaluatedVerdicts>;
/** What one who only reads can ask; its operations that write fail. */
export type ReadableState = SyncRecords &
  SyncHosted &
  SyncVerdicts &
  SyncExceptions &
  SyncAccessTokens &
  SyncSightings &
  SyncAttachedVex &
  SyncReported &
  SyncGateStream &
  Sync<CacheView>;
/** Everything that is kept in the state file. */
export type SyncState = ReadableState & SyncOutbox & SyncScanJobs & SyncRematching & Sync<CacheRecords>;

/** What the command line may write beside a server. */
export type StateBeside = SyncExceptions &
  SyncAccessTokens &
  SyncOutbox &
  Sync<CacheDesk> &
  Pick<SyncRecords, 'close'> &
  Pick<SyncRematching, 'askRematch' | 'rematchAsked'>;

/** The state file, open for writing. */
export interface StateFile extends SyncState {
  /** Runs all of `work` in one transaction: the disk is waited for once. Nothing is durable before it returns. */
  together<Result>(work: () => Result): Result;
}

/** Findings that one who only reads keeps in memory: a report goes through those of all images. */
const heldByReaders = 50_000;

/** Opens the state file for reading and writing, making or migrating it. */
export function openState(file: string): StateFile {
  const db = openDatabase(file);
  migrate(db, file, stateSchema);
  const { jobs, committed } = scanJobsOn(db);
  const readable = readableOn(db);
  return {
    ...readable,
    ...outboxOn(db, readable),
    ...rematchingOn(db),
    ...cacheOn(db),
    ...cacheRequestsOn(db),
    ...jobs,
    together: (work) => {
      // From its first statement on nobody else writes: what it reads is what it writes on.
      const result = db.transaction(work).immediate();
      committed();
      return result;
    },
  };
}

/**
 * Opens an existing state file for reading only, beside a server that is writing it.
 * @throws PratiqueError `data-unusable`, also where another version has written it
 */
export function openStateReadOnly(file: string, held = heldByReaders): ReadableState {
  return existing(openReadOnly(file), file, (db) => readableOn(db, held));
}

/**
 * Opens an existing state file for granting and revoking exceptions and access tokens and for messages that were given up, beside a
 * server that is writing it or without one. What it writes is durable when the call returns.
 * @throws PratiqueError `data-unusable`, also where there is none or another version has written it
 */
export function openStateBeside(file: string): StateBeside {
  return existing(openExisting(file), file, (db) => ({
    ...exceptionsOn(db),
    ...accessTokensOn(db),
    ...outboxOn(db, keptOn(db)),
    ...rematchMarksOn(db),
    ...cacheOrdersOn(db),
    ...pinsOn(db),
    close: () => {
      db.close();
    },
  }));
}

function existing<Opened>(db: Sqlite, file: string, open: (db: Sqlite) => Opened): Opened {
  try {
    requireSchema(db, file, stateSchema);
    return open(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

function readableOn(db: Sqlite, heldFindings = 0): ReadableState {
  const imagesOf = imagesOn(db);
  const { changes, log } = changesOn(db);
  const { inventories, putFound } = inventoriesOn(db, heldFindings);
  return {
    ...recordsOn(db, imagesOf, holdersOn(db, log)),
    ...inventories,
    ...changes,
    ...verdictsOn(db, { log, imagesOf, putFound }),
    ...keptOn(db),
    ...exceptionsOn(db),
    ...accessTokensOn(db),
    ...sightingsOn(db),
    ...attachedVexOn(db),
    ...reportedOn(db),
    ...gateStreamOn(db, imagesOf),
    ...cacheViewOn(db),
  };
}

function recordsOn(
  db: Sqlite,
  imagesOf: SyncRecords['imagesOf'],
  holdersChanged: (digest: Digest) => void,
): Omit<SyncRecords, keyof SyncInventories> & SyncHosted {
  const sql = {
    addRepository: db.prepare<[string, string, string]>(
      'INSERT INTO repository (upstream, path, canonical) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    repository: db.prepare<[string, string], { id: number }>(
      'SELECT id FROM repository WHERE upstream = ? AND path = ?',
    ),
    addManifest: db.prepare<[Digest, string, Uint8Array]>(
      'INSERT INTO manifest (digest, media_type, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    holdManifest: db.prepare<[Digest, number]>(
      'INSERT INTO repository_manifest (digest, repository) VALUES (?, ?) ON CONFLICT DO NOTHING',
    ),
    addBlob: db.prepare<[Digest, Digest, number]>(
      'INSERT INTO manifest_blob (blob, manifest, size) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    manifest: db.prepare<[Digest, number], { media_type: string; bytes: Buffer }>(
      `SELECT media_type, bytes FROM manifest JOIN repository_manifest USING (digest)
       WHERE digest = ? AND repository = ?`,
    ),
    blobsOf: db.prepare<[Digest], { blob: Digest; size: number }>(
      'SELECT blob, size FROM manifest_blob WHERE manifest = ?',
    ),
    putTag: db.prepare<[number, string, Digest, string]>(
      `INSERT INTO tag (repository, tag, digest, seen_at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET digest = excluded.digest, seen_at = excluded.seen_at`,
    ),
    getTag: db.prepare<[number, string], { digest: Digest; seenAt: string }>(
      'SELECT digest, seen_at AS seenAt FROM tag WHERE repository = ? AND tag = ?',
    ),
    dropTag: db.prepare<[number, string, Digest]>(
      'DELETE FROM tag WHERE repository = ? AND tag = ? AND digest = ?',
    ),
    manifestsWithBlob: db.prepare<[Digest, number], { manifest: Digest; size: number }>(
      `SELECT manifest, size FROM manifest_blob JOIN repository_manifest ON digest = manifest
       WHERE blob = ? AND repository = ?`,
    ),
    isProven: db.prepare<[Digest, number]>('SELECT 1 FROM repository_blob WHERE blob = ? AND repository = ?'),
    prove: db.prepare<[Digest, number]>(
      'INSERT INTO repository_blob (blob, repository) VALUES (?, ?) ON CONFLICT DO NOTHING',
    ),
    getLayer: db.prepare<[Digest, string], { analysis: Buffer }>(
      'SELECT analysis FROM layer WHERE digest = ? AND analyzers = ?',
    ),
    putLayer: db.prepare<[Digest, string, Uint8Array]>('INSERT OR REPLACE INTO layer VALUES (?, ?, ?)'),
  };
  const idOf = (address: RepositoryAddress): number =>
    sql.repository.get(address.upstream, address.path)?.id ?? -1;
  const claim = (address: RepositoryAddress): number => {
    const known = idOf(address);
    if (known >= 0) return known;
    sql.addRepository.run(address.upstream, address.path, canonicalName(address));
    return idOf(address);
  };
  const putManifest = db.transaction((address: RepositoryAddress, manifest: ManifestRecord): void => {
    sql.addManifest.run(manifest.digest, manifest.mediaType, manifest.bytes);
    for (const blob of manifest.blobs) sql.addBlob.run(blob.digest, manifest.digest, blob.size);
    if (sql.holdManifest.run(manifest.digest, claim(address)).changes > 0) holdersChanged(manifest.digest);
  });

  const manifestOf = (address: RepositoryAddress, digest: Digest): ManifestRecord | null => {
    const row = sql.manifest.get(digest, idOf(address));
    if (row === undefined) return null;
    const blobs = sql.blobsOf.all(digest).map(({ blob, size }) => ({ digest: blob, size }));
    return { digest, mediaType: row.media_type, bytes: row.bytes, blobs };
  };

  return {
    ...hostedOn(db, { idOf, claim, manifestOf, holdersChanged }),
    putManifest: (address, manifest) => putManifest.immediate(address, manifest),
    getManifest: manifestOf,
    imagesOf,
    putTag: (address, tag, digest, seenAt) => {
      sql.putTag.run(claim(address), tag, digest, seenAt);
    },
    getTag: (address, tag) => sql.getTag.get(idOf(address), tag)?.digest ?? null,
    tagSeen: (address, tag) => sql.getTag.get(idOf(address), tag) ?? null,
    dropTag: (address, tag, digest) => {
      sql.dropTag.run(idOf(address), tag, digest);
    },
    manifestsWithBlob: (address, blob) => sql.manifestsWithBlob.all(blob, idOf(address)),
    isProven: (address, blob) => sql.isProven.get(blob, idOf(address)) !== undefined,
    prove: (address, blob) => {
      sql.prove.run(blob, claim(address));
    },
    getLayer: (digest, analyzers) => {
      const row = sql.getLayer.get(digest, analyzers);
      return row === undefined ? null : unpackText(row.analysis);
    },
    putLayer: (digest, analyzers, analysis) => {
      sql.putLayer.run(digest, analyzers, packText(analysis));
    },
    close: () => {
      db.close();
    },
  };
}
