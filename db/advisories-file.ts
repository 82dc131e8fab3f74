import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { errorText, PratiqueError } from '../core/errors.ts';
import type { FindingKind } from '../core/finding.ts';
import type {
  AdvisoryIndex,
  AffectedPackage,
  AffectedRow,
  EcosystemState,
  FeedProblem,
  FeedState,
  KnownSeverityOf,
  UnfixedState,
} from '../core/ports/advisories.ts';
import type { Severity } from '../core/severity.ts';
import { unpackKnownSeverity, unpackRanges, unpackStrings } from './advisories-codec.ts';
import { authorities } from './advisories-ecosystems.ts';
import { feedRows, problemRows, revisionOf } from './advisories-rows.ts';
import { applicationId, schemaVersion } from './advisories-schema.ts';
import type { Sqlite } from './sqlite.ts';

/**
 * Opens one revision of the advisories for reading. A later import does not change what it answers.
 * @throws PratiqueError `advisories-missing`, `advisories-unreadable`
 */
export function openAdvisoryIndex(file: string): AdvisoryIndex {
  if (!existsSync(file)) {
    throw new PratiqueError(
      'advisories-missing',
      `there are no advisories at ${file}: run \`pratique advisories update\` to fetch them`,
      { file },
    );
  }
  let db: Sqlite | null = null;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
    const application = db.pragma('application_id', { simple: true });
    const version = db.pragma('user_version', { simple: true });
    if (application !== applicationId) throw new Error('it is another program’s database');
    if (version !== schemaVersion) {
      throw new Error(`it has schema ${String(version)}, this Pratique reads ${schemaVersion}`);
    }
    db.pragma(`cache_size = -${cacheKilobytes}`);
    return new AdvisoryFile(db);
  } catch (error) {
    db?.close();
    throw new PratiqueError(
      'advisories-unreadable',
      `${file} cannot be used as advisories: ${errorText(error)}. Run \`pratique advisories update\` to make it anew`,
      { file },
      error,
    );
  }
}

/** Pages that are kept by each reader: one image's packages lie all over the file. */
const cacheKilobytes = 16_000;

interface Row {
  readonly advisory: number;
  readonly ranges: string;
  readonly versions: string;
  readonly severity: Severity | null;
  readonly state: UnfixedState | null;
  readonly note: string | null;
}

interface HeadRow {
  readonly feed: string;
  readonly id: string;
  readonly kind: FindingKind;
  readonly aliases: string;
  readonly upstream: string;
  readonly summary: string;
  readonly url: string;
  readonly severity: Severity | null;
  readonly cvssVector: string | null;
  readonly cvssScore: number | null;
  readonly published: string | null;
  readonly modified: string | null;
}

/** An advisory without its packages, and whose it is. */
interface Head {
  readonly feed: string;
  readonly advisory: AffectedRow['advisory'];
}

interface KnownRow {
  readonly weight: number;
  readonly vector: string | null;
  readonly score: number | null;
}

/** Advisories and ids of which is remembered what is known of them: many packages and images have the same. */
const mostHeld = 20_000;

function held<Key extends string | number, Value extends object>(
  cache: LRUCache<Key, Value>,
  key: Key,
  find: () => Value,
): Value {
  let value = cache.get(key);
  if (value === undefined) {
    value = find();
    cache.set(key, value);
  }
  return value;
}

class AdvisoryFile implements AdvisoryIndex {
  readonly revision: string;
  readonly feeds: readonly FeedState[];
  readonly problems: readonly FeedProblem[];
  readonly ecosystems: readonly EcosystemState[];
  readonly #db: Sqlite;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #ecosystems: ReadonlyMap<string, EcosystemState>;
  /** null: no catalogue was imported. It has some two thousand. */
  readonly #exploited: ReadonlySet<string> | null;
  readonly #heads = new LRUCache<number, Head>({ max: mostHeld });
  readonly #severities = new LRUCache<string, { readonly known: KnownSeverityOf | null }>({ max: mostHeld });
  readonly #scores = new LRUCache<string, { readonly score: number | null }>({ max: mostHeld });

  constructor(db: Sqlite) {
    this.#db = db;
    this.#sql = prepare(db);
    const row = db.prepare<[], { revision: string }>('SELECT revision FROM revision').get();
    if (row === undefined) throw new Error('it holds no revision');
    this.revision = revisionOf(row.revision);
    this.feeds = feedRows(db);
    this.problems = problemRows(db);
    this.ecosystems = authorities(db, this.feeds);
    this.#ecosystems = new Map(this.ecosystems.map((one) => [one.ecosystem, one]));
    const hasExploited = this.feeds.some((feed) => feed.name === 'kev');
    this.#exploited = hasExploited ? new Set(this.#sql.exploited.all()) : null;
  }

  ecosystem(name: string): EcosystemState | null {
    return this.#ecosystems.get(name) ?? null;
  }

  affecting(ecosystem: string, packageName: string): readonly AffectedRow[] {
    const speakers = this.#ecosystems.get(ecosystem)?.speakers ?? null;
    const found: AffectedRow[] = [];
    for (const row of this.#sql.affecting.all(ecosystem, packageName)) {
      const { feed, advisory } = held(this.#heads, row.advisory, () => this.#head(row.advisory));
      if (speakers !== null && !speakers.includes(feed)) continue;
      found.push({ advisory, affected: affectedOf(row, ecosystem, packageName) });
    }
    return found;
  }

  #head(id: number): Head {
    const row = this.#sql.head.get(id);
    if (row === undefined) throw new Error(`advisory ${id} is missing from the advisories`);
    return { feed: row.feed, advisory: advisoryOf(row) };
  }

  packagesEnding(ecosystem: string, ending: string): readonly string[] {
    return this.#sql.ending.all({ ecosystem, ending }).map(({ name }) => name);
  }

  severityOf(id: string): KnownSeverityOf | null {
    return held(this.#severities, id, () => {
      const row = this.#sql.known.get(id);
      return { known: row === undefined ? null : unpackKnownSeverity(row.weight, row.vector, row.score) };
    }).known;
  }

  knownExploited(id: string): boolean | null {
    return this.#exploited === null ? null : this.#exploited.has(id);
  }

  epssOf(id: string): number | null {
    // Scores are given to CVEs alone.
    if (!id.startsWith('CVE-')) return null;
    return held(this.#scores, id, () => ({ score: this.#sql.epss.get(id)?.score ?? null })).score;
  }

  endOfLife(os: string, release: string): string | null {
    return this.#sql.endOfLife.get(os, release)?.endsAt ?? null;
  }

  close(): void {
    this.#db.close();
  }
}

function advisoryOf(row: HeadRow): AffectedRow['advisory'] {
  const { cvssVector: vector, cvssScore: score } = row;
  return {
    id: row.id,
    kind: row.kind,
    aliases: unpackStrings(row.aliases),
    upstream: unpackStrings(row.upstream),
    summary: row.summary,
    url: row.url,
    severity: row.severity,
    cvss: vector === null || score === null ? null : { vector, score },
    published: row.published,
    modified: row.modified,
  };
}

/** With quotes and comma. */
const charactersOfVersion = 8;

/** A list of versions may be long, and is looked at only where no range has the version. */
function affectedOf(row: Row, ecosystem: string, name: string): AffectedPackage {
  let versions: readonly string[] | null = null;
  return {
    ecosystem,
    name,
    ranges: unpackRanges(row.ranges),
    get versions() {
      versions ??= unpackStrings(row.versions);
      return versions;
    },
    ...(row.versions === '' ? {} : { listed: Math.ceil(row.versions.length / charactersOfVersion) }),
    severity: row.severity,
    ...(row.state === null ? {} : { state: row.state }),
    ...(row.note === null ? {} : { note: row.note }),
  };
}

function prepare(db: Sqlite) {
  return {
    affecting: db.prepare<[string, string], Row>(
      `SELECT advisory, ranges, versions, severity, state, note
       FROM package JOIN affected ON affected.package = package.id WHERE ecosystem = ? AND package.name = ?`,
    ),
    head: db.prepare<[number], HeadRow>(
      `SELECT feed, name AS id, kind, aliases, upstream, summary, url, severity, cvss_vector AS cvssVector,
       cvss_score AS cvssScore, published, modified FROM advisory WHERE id = ?`,
    ),
    ending: db.prepare<[{ ecosystem: string; ending: string }], { name: string }>(
      'SELECT name FROM package WHERE ecosystem = @ecosystem AND substr(name, -length(@ending)) = @ending ORDER BY name',
    ),
    known: db.prepare<[string], KnownRow>(
      'SELECT weight, cvss_vector AS vector, cvss_score AS score FROM known_severity WHERE id = ?',
    ),
    exploited: db.prepare<[], string>('SELECT id FROM known_exploited').pluck(),
    epss: db.prepare<[string], { score: number }>('SELECT score FROM epss WHERE id = ?'),
    endOfLife: db.prepare<[string, string], { endsAt: string }>(
      'SELECT ends_at AS endsAt FROM end_of_life WHERE os = ? AND release = ?',
    ),
  };
}
