import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { errorText, isPratiqueError, PratiqueError } from '../core/errors.ts';
import type { Advisory, AdvisorySink, FeedState } from '../core/ports/advisories.ts';
import { idsSharingSeverity, packList, packRanges, weightOf } from './advisories-codec.ts';
import { revisionOf } from './advisories-file.ts';
import { AdvisoryHistory, type SwapOptions, swapByHand } from './advisories-history.ts';
import {
  advisoriesIndices,
  advisoriesSchema,
  applicationId,
  importerVersion,
  schemaVersion,
} from './advisories-schema.ts';
import { syncPath } from './durable-files.ts';
import type { Sqlite } from './sqlite.ts';

/**
 * Where an import writes: a new file beside `file`, which takes its place at `commit`. Readers that have the
 * old one open keep it. What a killed import left behind is removed.
 * @throws PratiqueError `data-unusable`
 */
export function createAdvisorySink(file: string, swap: SwapOptions = swapByHand): AdvisorySink {
  try {
    mkdirSync(dirname(file), { recursive: true });
    removeLeftovers(file);
    return new AdvisoryFileSink(file, swap);
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, error: unknown): PratiqueError {
  return new PratiqueError(
    'data-unusable',
    `advisories cannot be written to ${file}: ${errorText(error)}`,
    { file },
    error,
  );
}

const leftoverMark = '.import-';

/**
 * An import holds a lock on its file for as long as it lives, in whatever process: a file that can be locked
 * is nobody's.
 */
function removeLeftovers(file: string): void {
  const directory = dirname(file);
  const prefix = `${basename(file)}${leftoverMark}`;
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(directory, name.replace(/-journal$/, ''));
    if (isLocked(path)) continue;
    rmSync(path, { force: true });
    rmSync(`${path}-journal`, { force: true });
  }
}

function isLocked(path: string): boolean {
  let db: Sqlite | null = null;
  try {
    db = new Database(path, { timeout: 0, fileMustExist: true });
    db.exec('BEGIN IMMEDIATE');
    return false;
  } catch (error) {
    const isCoded = typeof error === 'object' && error !== null && 'code' in error;
    return isCoded && String(error.code).startsWith('SQLITE_BUSY');
  } finally {
    db?.close();
  }
}

class AdvisoryFileSink implements AdvisorySink {
  readonly #file: string;
  readonly #draft: string;
  readonly #swap: SwapOptions;
  readonly #db: Sqlite;
  readonly #packages = new Map<string, number>();
  readonly #rows = new Map<string, { readonly ecosystem: string; readonly feed: string; rows: number }>();
  readonly #fingerprints: string[] = [];
  readonly #sql: ReturnType<typeof prepare>;
  #isOpen = true;

  constructor(file: string, swap: SwapOptions) {
    this.#file = file;
    this.#swap = swap;
    this.#draft = `${file}${leftoverMark}${randomBytes(8).toString('hex')}`;
    this.#db = new Database(this.#draft);
    // Nobody reads the draft and a half-made one is thrown away, so nothing has to be undone or survive.
    this.#db.pragma('journal_mode = MEMORY');
    this.#db.pragma('synchronous = OFF');
    this.#db.pragma('cache_size = -64000');
    this.#db.pragma(`application_id = ${applicationId}`);
    this.#db.pragma(`user_version = ${schemaVersion}`);
    this.#db.exec('BEGIN IMMEDIATE');
    this.#db.exec(advisoriesSchema);
    this.#sql = prepare(this.#db);
  }

  add(feed: string, advisory: Advisory): void {
    const { cvss, severity } = advisory;
    const row = this.#sql.advisory.run(
      advisory.id,
      advisory.kind,
      packList(advisory.aliases),
      packList(advisory.upstream),
      advisory.summary,
      advisory.url,
      severity,
      cvss?.vector ?? null,
      cvss?.score ?? null,
      advisory.published,
      advisory.modified,
    ).lastInsertRowid;
    for (const one of advisory.affected) {
      this.#count(one.ecosystem, feed);
      this.#sql.affected.run(
        this.#package(one.ecosystem, one.name),
        row,
        packRanges(one.ranges),
        packList(one.versions),
        one.severity,
      );
    }
    if (severity === null || severity === 'unknown' || advisory.kind === 'bugfix') return;
    const weight = weightOf(severity, cvss?.score ?? 0);
    for (const id of idsSharingSeverity(advisory)) {
      this.#sql.lend.run(id, weight, cvss?.vector ?? null, cvss?.score ?? null);
    }
  }

  addKnownExploited(id: string, addedAt: string | null): void {
    this.#sql.exploited.run(id, addedAt);
  }

  finishFeed(state: FeedState): void {
    this.#sql.feed.run(
      state.name,
      state.updatedAt,
      state.records,
      state.rejected,
      state.fingerprint,
      state.source,
    );
    // Age counts: a feed that was fetched again unchanged is fresher, and verdicts say how fresh.
    this.#fingerprints.push(`${state.name} ${state.fingerprint} ${state.updatedAt}`);
  }

  commit(): string {
    const revision = this.#revision();
    try {
      for (const { ecosystem, feed, rows } of this.#rows.values()) {
        this.#sql.ecosystem.run(ecosystem, feed, rows);
      }
      this.#sql.revision.run(revision);
      this.#db.exec(advisoriesIndices);
      this.#db.exec('COMMIT');
      this.#close();
      syncPath(this.#draft);
      new AdvisoryHistory(this.#file).swapIn(this.#draft, revision, this.#swap);
    } catch (error) {
      this.abort();
      throw isPratiqueError(error) ? error : unusable(this.#file, error);
    }
    return revisionOf(revision);
  }

  abort(): void {
    this.#close();
    rmSync(this.#draft, { force: true });
  }

  #close(): void {
    if (this.#isOpen) this.#db.close();
    this.#isOpen = false;
  }

  #revision(): string {
    const hash = createHash('sha256').update(`${schemaVersion} ${importerVersion}\n`);
    for (const line of this.#fingerprints.toSorted()) hash.update(`${line}\n`);
    return hash.digest('hex').slice(0, 16);
  }

  #package(ecosystem: string, name: string): number {
    const key = `${ecosystem}\n${name}`;
    let id = this.#packages.get(key);
    if (id === undefined) {
      id = this.#packages.size + 1;
      this.#packages.set(key, id);
      this.#sql.package.run(id, ecosystem, name);
    }
    return id;
  }

  #count(ecosystem: string, feed: string): void {
    const key = `${ecosystem}\n${feed}`;
    const counted = this.#rows.get(key);
    if (counted === undefined) this.#rows.set(key, { ecosystem, feed, rows: 1 });
    else counted.rows++;
  }
}

function prepare(db: Sqlite) {
  return {
    advisory: db.prepare(
      `INSERT INTO advisory (name, kind, aliases, upstream, summary, url, severity, cvss_vector, cvss_score,
       published, modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    affected: db.prepare(
      'INSERT INTO affected (package, advisory, ranges, versions, severity) VALUES (?, ?, ?, ?, ?)',
    ),
    package: db.prepare('INSERT INTO package (id, ecosystem, name) VALUES (?, ?, ?)'),
    lend: db.prepare('INSERT INTO lent (id, weight, cvss_vector, cvss_score) VALUES (?, ?, ?, ?)'),
    exploited: db.prepare('INSERT INTO known_exploited (id, added_at) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    feed: db.prepare(
      `INSERT INTO feed (name, updated_at, records, rejected, fingerprint, source) VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    ecosystem: db.prepare('INSERT INTO ecosystem (ecosystem, feed, rows) VALUES (?, ?, ?)'),
    revision: db.prepare('INSERT INTO revision (revision) VALUES (?)'),
  };
}
