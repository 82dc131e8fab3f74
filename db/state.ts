import type { Digest } from '../core/digest.ts';
import type { MatchResult } from '../core/finding.ts';
import type { Inventory } from '../core/inventory.ts';
import type { ManifestRecord, Records, VerdictRecord } from '../core/ports/records.ts';
import { canonicalName, type RepositoryAddress } from '../core/repository.ts';
import type { Verdict } from '../core/verdict.ts';
import { hostedOn, type SyncHosted } from './hosted.ts';
import { packJson, packText, unpackJson, unpackText } from './packed-json.ts';
import { type SyncScanJobs, scanJobsOn } from './scan-jobs.ts';
import { migrate, openDatabase, openReadOnly, requireSchema, type Sqlite } from './sqlite.ts';
import { stateSchema } from './state-schema.ts';

/** The same operations as `Records`, answered at once: this is what runs inside the state worker. */
export type SyncRecords = {
  [Name in keyof Records]: (...args: Parameters<Records[Name]>) => Awaited<ReturnType<Records[Name]>>;
};

/** Everything that is kept in the state file. */
export type SyncState = SyncRecords & SyncHosted & SyncScanJobs;

/** The state file, open for writing. */
export interface StateFile extends SyncState {
  /** Runs all of `work` in one transaction: the disk is waited for once. Nothing is durable before it returns. */
  together<Result>(work: () => Result): Result;
}

/** Opens the state file for reading and writing, making or migrating it. */
export function openState(file: string): StateFile {
  const db = openDatabase(file);
  migrate(db, file, stateSchema);
  const { jobs, committed } = scanJobsOn(db);
  return {
    ...recordsOn(db),
    ...jobs,
    together: (work) => {
      const result = db.transaction(work)();
      committed();
      return result;
    },
  };
}

/**
 * Opens an existing state file for reading only, beside a server that is writing it.
 * @throws PratiqueError `data-unusable`, also where another version has written it
 */
export function openStateReadOnly(file: string): SyncRecords & SyncHosted {
  const db = openReadOnly(file);
  try {
    requireSchema(db, file, stateSchema);
    return recordsOn(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

interface Row {
  readonly [column: string]: unknown;
}

function recordsOn(db: Sqlite): SyncRecords & SyncHosted {
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
    imagesOf: db.prepare<[Digest], { canonical: string }>(
      `SELECT DISTINCT canonical FROM repository JOIN repository_manifest ON repository.id = repository
       WHERE digest = ? ORDER BY canonical`,
    ),
    putTag: db.prepare<[number, string, Digest, string]>(
      `INSERT INTO tag (repository, tag, digest, seen_at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET digest = excluded.digest, seen_at = excluded.seen_at`,
    ),
    getTag: db.prepare<[number, string], { digest: Digest }>(
      'SELECT digest FROM tag WHERE repository = ? AND tag = ?',
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
    getInventory: db.prepare<[Digest, string], { inventory: Buffer }>(
      'SELECT inventory FROM inventory WHERE digest = ? AND analyzers = ?',
    ),
    deleteMatch: db.prepare<[Digest]>('DELETE FROM match WHERE digest = ?'),
    putInventory: db.prepare<[Digest, string, Uint8Array]>(
      'INSERT OR REPLACE INTO inventory VALUES (?, ?, ?)',
    ),
    inventoried: db.prepare<[string], { digest: Digest }>('SELECT digest FROM inventory WHERE analyzers = ?'),
    getMatch: db.prepare<[Digest, string], { result: Buffer }>(
      'SELECT result FROM match WHERE digest = ? AND advisories_revision = ?',
    ),
    putMatch: db.prepare<[Digest, string, Uint8Array]>('INSERT OR REPLACE INTO match VALUES (?, ?, ?)'),
    putVerdict: db.prepare<[Digest, string, string, string, string, string, string]>(
      `INSERT INTO verdict (digest, policy_revision, advisories_revision, scanner, status, evaluated_at, verdict)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    getVerdict: db.prepare<[Digest], { verdict: string }>(
      'SELECT verdict FROM verdict WHERE digest = ? ORDER BY id DESC LIMIT 1',
    ),
    listVerdicts: db.prepare<[number], { digest: Digest; verdict: string }>(
      `SELECT digest, verdict FROM verdict WHERE id IN (SELECT max(id) FROM verdict GROUP BY digest)
       ORDER BY CASE status WHEN 'fail' THEN 0 WHEN 'error' THEN 1 WHEN 'warn' THEN 2 ELSE 3 END, id DESC
       LIMIT ?`,
    ),
  };
  const idOf = (address: RepositoryAddress): number =>
    sql.repository.get(address.upstream, address.path)?.id ?? -1;
  const claim = (address: RepositoryAddress): number => {
    const known = idOf(address);
    if (known >= 0) return known;
    sql.addRepository.run(address.upstream, address.path, canonicalName(address));
    return idOf(address);
  };
  const imagesOf = (digest: Digest): string[] => sql.imagesOf.all(digest).map((row) => row.canonical);
  /** What was found in another inventory is not what would be found in this one. */
  const putInventory = db.transaction((digest: Digest, inventory: Inventory): void => {
    sql.deleteMatch.run(digest);
    sql.putInventory.run(digest, inventory.analyzers, packJson(inventory));
  });
  const putManifest = db.transaction((address: RepositoryAddress, manifest: ManifestRecord): void => {
    sql.addManifest.run(manifest.digest, manifest.mediaType, manifest.bytes);
    for (const blob of manifest.blobs) sql.addBlob.run(blob.digest, manifest.digest, blob.size);
    sql.holdManifest.run(manifest.digest, claim(address));
  });

  const manifestOf = (address: RepositoryAddress, digest: Digest): ManifestRecord | null => {
    const row = sql.manifest.get(digest, idOf(address));
    if (row === undefined) return null;
    const blobs = sql.blobsOf.all(digest).map(({ blob, size }) => ({ digest: blob, size }));
    return { digest, mediaType: row.media_type, bytes: row.bytes, blobs };
  };

  return {
    ...hostedOn(db, { idOf, claim, manifestOf }),
    putManifest: (address, manifest) => putManifest(address, manifest),
    getManifest: manifestOf,
    imagesOf,
    putTag: (address, tag, digest, seenAt) => {
      sql.putTag.run(claim(address), tag, digest, seenAt);
    },
    getTag: (address, tag) => sql.getTag.get(idOf(address), tag)?.digest ?? null,
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
    getInventory: (digest, analyzers) => {
      const row = sql.getInventory.get(digest, analyzers);
      return row === undefined ? null : (unpackJson(row.inventory) as Inventory);
    },
    putInventory: (digest, inventory) => putInventory(digest, inventory),
    inventoried: (analyzers) => sql.inventoried.all(analyzers).map((row) => row.digest),
    getMatch: (digest, revision) => {
      const row = sql.getMatch.get(digest, revision);
      return row === undefined ? null : (unpackJson(row.result) as MatchResult);
    },
    putMatch: (digest, match) => {
      sql.putMatch.run(digest, match.advisories.revision, packJson(match));
    },
    putVerdict: (digest, verdict) => {
      sql.putVerdict.run(
        digest,
        verdict.policyRevision,
        verdict.advisoriesRevision,
        verdict.scanner,
        verdict.status,
        verdict.evaluatedAt,
        JSON.stringify(verdict),
      );
    },
    getVerdict: (digest) => verdictOf(sql.getVerdict.get(digest)),
    listVerdicts: (limit): VerdictRecord[] =>
      sql.listVerdicts.all(limit).map((row) => ({
        digest: row.digest,
        verdict: JSON.parse(row.verdict) as Verdict,
        images: imagesOf(row.digest),
      })),
    close: () => {
      db.close();
    },
  };
}

function verdictOf(row: Row | undefined): Verdict | null {
  return row === undefined ? null : (JSON.parse(String(row.verdict)) as Verdict);
}
