import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { errorCode, errorText, isPratiqueError, PratiqueError } from '../core/errors.ts';
import type { Advisory, AdvisorySink, FeedProblem, FeedState } from '../core/ports/advisories.ts';
import { packList, packRanges, weightOf } from './advisories-codec.ts';
import { hashOf } from './advisories-hash.ts';
import { AdvisoryHistory, type SwapOptions, swapByHand } from './advisories-history.ts';
import { leftoverMark, removeLeftovers } from './advisories-leftovers.ts';
import { feedRows, problemRows, revisionOf } from './advisories-rows.ts';
import {
  advisoriesIndices,
  advisoriesSchema,
  advisoriesSums,
  applicationId,
  dropIndices,
  importerVersion,
  schemaVersion,
} from './advisories-schema.ts';
import { syncPath } from './durable-files.ts';
import type { Sqlite } from './sqlite.ts';

/**
 * Where an import writes: a copy of `file` beside it, which takes its place at `commit`. Readers that have the
 * old one open keep it. What a killed import left behind is removed. A file that this version cannot go on with is not
 * copied: the import then begins with nothing.
 * @param swap how it takes its place, and what is kept of those before
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

class AdvisoryFileSink implements AdvisorySink {
  readonly before: { readonly feeds: readonly FeedState[]; readonly problems: readonly FeedProblem[] };
  readonly #file: string;
  readonly #draft: string;
  readonly #swap: SwapOptions;
  readonly #db: Sqlite;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #packages = new Map<string, number>();
  #feed: string | null = null;
  #hasIndices: boolean;
  #isOpen = true;

  constructor(file: string, swap: SwapOptions) {
    this.#file = file;
    this.#swap = swap;
    this.#draft = `${file}${leftoverMark}${randomBytes(8).toString('hex')}`;
    const copied = copyUsable(file, this.#draft);
    this.#db = new Database(this.#draft);
    try {
      // Nobody reads the draft and a half-made one is thrown away, so nothing has to survive. The journal is for
      // `undoFeed`, and may grow as large as what is replaced: on disk, not in memory.
      this.#db.pragma('synchronous = OFF');
      this.#db.pragma('cache_size = -64000');
      this.#db.exec('BEGIN IMMEDIATE');
      if (!copied) {
        this.#db.pragma(`application_id = ${applicationId}`);
        this.#db.pragma(`user_version = ${schemaVersion}`);
        this.#db.exec(advisoriesSchema);
      }
      this.#hasIndices = copied;
      this.#sql = prepare(this.#db);
      this.before = { feeds: feedRows(this.#db), problems: problemRows(this.#db) };
      this.#readPackages();
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  beginFeed(feed: string, how: 'anew' | 'further'): void {
    this.#guarded(() => {
      if (how === 'anew') this.#withoutIndices();
      this.#db.exec('SAVEPOINT feed');
      this.#feed = feed;
      if (how === 'anew') this.#forget(feed);
    });
  }

  add(advisory: Advisory): void {
    this.#guarded(() => this.#add(advisory));
  }

  #add(advisory: Advisory): void {
    const { cvss, severity } = advisory;
    const lends = severity !== null && severity !== 'unknown' && advisory.kind !== 'bugfix';
    const row = this.#sql.advisory.run(
      this.#current(),
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
      lends ? weightOf(severity, cvss?.score ?? 0) : null,
      hashOf(advisory),
    ).lastInsertRowid;
    for (const one of advisory.affected) {
      this.#sql.affected.run(
        this.#package(one.ecosystem, one.name),
        row,
        packRanges(one.ranges),
        packList(one.versions),
        one.severity,
        one.state ?? null,
        one.note ?? null,
      );
    }
  }

  remove(ids: readonly string[]): number {
    return this.#guarded(() => {
      const asked = { feed: this.#current(), ids: JSON.stringify(ids) };
      this.#sql.removeAffected.run(asked);
      return this.#sql.removeAdvisories.run(asked).changes;
    });
  }

  addKnownExploited(id: string, addedAt: string | null): void {
    this.#guarded(() => this.#sql.exploited.run(this.#current(), id, addedAt));
  }

  addEpss(id: string, score: number): void {
    this.#guarded(() => this.#sql.epss.run(this.#current(), id, score));
  }

  addEndOfLife(os: string, release: string, endsAt: string): void {
    this.#guarded(() => this.#sql.endOfLife.run(this.#current(), os, release, endsAt));
  }

  finishFeed(state: FeedState): void {
    this.#guarded(() => {
      this.#sql.feed.run(state);
      this.#db.exec('RELEASE feed');
      this.#feed = null;
    });
  }

  undoFeed(): void {
    if (this.#feed === null) return;
    this.#guarded(() => {
      this.#db.exec('ROLLBACK TO feed');
      this.#db.exec('RELEASE feed');
      this.#feed = null;
      // Packages that came with it are gone again.
      this.#packages.clear();
      this.#readPackages();
    });
  }

  keepFeed(state: FeedState): void {
    this.#guarded(() => this.#sql.feed.run(state));
  }

  dropFeed(feed: string): void {
    this.#guarded(() => {
      this.#withoutIndices();
      this.#forget(feed);
    });
  }

  setProblems(problems: readonly FeedProblem[]): void {
    this.#guarded(() => {
      this.#db.exec('DELETE FROM problem');
      for (const problem of problems) this.#sql.problem.run(problem);
    });
  }

  commit(): string {
    try {
      if (!this.#hasIndices) this.#db.exec(advisoriesIndices);
      this.#db.exec(advisoriesSums);
      const revision = this.#revision();
      this.#db.exec('DELETE FROM revision');
      this.#sql.revision.run(revision, importerVersion);
      this.#db.exec('COMMIT');
      this.#close();
      syncPath(this.#draft);
      new AdvisoryHistory(this.#file).swapIn(this.#draft, revision, this.#swap);
      return revisionOf(revision);
    } catch (error) {
      this.abort();
      throw isPratiqueError(error) ? error : unusable(this.#file, error);
    }
  }

  abort(): void {
    this.#close();
    rmSync(this.#draft, { force: true });
  }

  /** A full disk, above all. */
  #guarded<Result>(write: () => Result): Result {
    try {
      return write();
    } catch (error) {
      throw unusable(this.#file, error);
    }
  }

  #close(): void {
    if (this.#isOpen) this.#db.close();
    this.#isOpen = false;
  }

  #current(): string {
    if (this.#feed === null) throw new Error('no feed has been begun');
    return this.#feed;
  }

  #withoutIndices(): void {
    if (this.#hasIndices) this.#db.exec(dropIndices);
    this.#hasIndices = false;
  }

  #forget(feed: string): void {
    for (const statement of this.#sql.forget) statement.run(feed);
  }

  /** Age counts: a feed that was fetched again unchanged is fresher, and verdicts say how fresh. */
  #revision(): string {
    const hash = createHash('sha256').update(`${schemaVersion} ${importerVersion}\n`);
    for (const { name, fingerprint, updatedAt } of feedRows(this.#db)) {
      hash.update(`${name} ${fingerprint} ${updatedAt}\n`);
    }
    return hash.digest('hex').slice(0, 16);
  }

  #readPackages(): void {
    for (const { id, ecosystem, name } of this.#sql.packages.iterate()) {
      this.#packages.set(`${ecosystem}\n${name}`, id);
    }
  }

  #package(ecosystem: string, name: string): number {
    const key = `${ecosystem}\n${name}`;
    let id = this.#packages.get(key);
    if (id === undefined) {
      id = Number(this.#sql.package.run(ecosystem, name).lastInsertRowid);
      this.#packages.set(key, id);
    }
    return id;
  }
}

/** True: the draft is a copy of what is in force, which this version can go on with. */
function copyUsable(file: string, draft: string): boolean {
  if (!existsSync(file)) return false;
  let db: Sqlite | null = null;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
    const isOurs = db.pragma('application_id', { simple: true }) === applicationId;
    if (!isOurs || db.pragma('user_version', { simple: true }) !== schemaVersion) return false;
    const row = db.prepare<[], { importer: number }>('SELECT importer FROM revision').get();
    if (row?.importer !== importerVersion) return false;
  } catch (error) {
    // What is no database, or none of ours, is not gone on with; whoever reads it says so. What could only not be read
    // just now is not given up.
    const code = errorCode(error) ?? '';
    if (/^SQLITE_(?:NOTADB|CORRUPT|ERROR)/.test(code)) return false;
    throw error;
  } finally {
    db?.close();
  }
  copyFileSync(file, draft);
  return true;
}

function prepare(db: Sqlite) {
  return {
    advisory: db.prepare(
      `INSERT INTO advisory (feed, name, kind, aliases, upstream, summary, url, severity, cvss_vector, cvss_score,
       published, modified, weight, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    affected: db.prepare(
      'INSERT INTO affected (package, advisory, ranges, versions, severity, state, note) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    package: db.prepare('INSERT INTO package (ecosystem, name) VALUES (?, ?)'),
    packages: db.prepare<[], { id: number; ecosystem: string; name: string }>(
      'SELECT id, ecosystem, name FROM package',
    ),
    exploited: db.prepare(
      'INSERT INTO known_exploited (feed, id, added_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    epss: db.prepare('INSERT INTO epss (feed, id, score) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    endOfLife: db.prepare(
      'INSERT INTO end_of_life (feed, os, release, ends_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    feed: db.prepare<FeedState>(
      `INSERT OR REPLACE INTO feed (name, updated_at, records, rejected, fingerprint, source, licence, supersedes, bookmark)
       VALUES (@name, @updatedAt, @records, @rejected, @fingerprint, @source, @licence, @supersedes, @bookmark)`,
    ),
    problem: db.prepare<FeedProblem>(
      'INSERT OR REPLACE INTO problem (feed, why, since) VALUES (@feed, @why, @since)',
    ),
    revision: db.prepare('INSERT INTO revision (revision, importer) VALUES (?, ?)'),
    removeAffected: db.prepare(
      `DELETE FROM affected WHERE advisory IN
       (SELECT id FROM advisory WHERE feed = @feed AND name IN (SELECT value FROM json_each(@ids)))`,
    ),
    removeAdvisories: db.prepare(
      'DELETE FROM advisory WHERE feed = @feed AND name IN (SELECT value FROM json_each(@ids))',
    ),
    forget: [
      db.prepare('DELETE FROM affected WHERE advisory IN (SELECT id FROM advisory WHERE feed = ?)'),
      ...['advisory', 'known_exploited', 'epss', 'end_of_life'].map((table) =>
        db.prepare(`DELETE FROM ${table} WHERE feed = ?`),
      ),
      db.prepare('DELETE FROM feed WHERE name = ?'),
    ],
  };
}
