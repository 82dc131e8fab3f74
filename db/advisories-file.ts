import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
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

interface Row {
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
  readonly ranges: string;
  readonly versions: string;
  readonly packageSeverity: Severity | null;
  readonly state: UnfixedState | null;
  readonly note: string | null;
}

interface KnownRow {
  readonly weight: number;
  readonly vector: string | null;
  readonly score: number | null;
}

class AdvisoryFile implements AdvisoryIndex {
  readonly revision: string;
  readonly feeds: readonly FeedState[];
  readonly problems: readonly FeedProblem[];
  readonly ecosystems: readonly EcosystemState[];
  readonly #db: Sqlite;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #ecosystems: ReadonlyMap<string, EcosystemState>;
  readonly #hasExploited: boolean;

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
    this.#hasExploited = this.feeds.some((feed) => feed.name === 'kev');
  }

  ecosystem(name: string): EcosystemState | null {
    return this.#ecosystems.get(name) ?? null;
  }

  affecting(ecosystem: string, packageName: string): readonly AffectedRow[] {
    const outweighed = this.#ecosystems.get(ecosystem)?.outweighed ?? [];
    const rows = this.#sql.affecting.all(ecosystem, packageName);
    return (outweighed.length === 0 ? rows : rows.filter(({ feed }) => !outweighed.includes(feed))).map(
      (row) => ({ advisory: advisoryOf(row), affected: affectedOf(row, ecosystem, packageName) }),
    );
  }

  packagesEnding(ecosystem: string, ending: string): readonly string[] {
    return this.#sql.ending.all({ ecosystem, ending }).map(({ name }) => name);
  }

  severityOf(id: string): KnownSeverityOf | null {
    const row = this.#sql.known.get(id);
    return row === undefined ? null : unpackKnownSeverity(row.weight, row.vector, row.score);
  }

  knownExploited(id: string): boolean | null {
    return this.#hasExploited ? this.#sql.exploited.get(id) !== undefined : null;
  }

  epssOf(id: string): number | null {
    return this.#sql.epss.get(id)?.score ?? null;
  }

  endOfLife(os: string, release: string): string | null {
    return this.#sql.endOfLife.get(os, release)?.endsAt ?? null;
  }

  close(): void {
    this.#db.close();
  }
}

function advisoryOf(row: Row): AffectedRow['advisory'] {
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

function affectedOf(row: Row, ecosystem: string, name: string): AffectedPackage {
  return {
    ecosystem,
    name,
    ranges: unpackRanges(row.ranges),
    versions: unpackStrings(row.versions),
    severity: row.packageSeverity,
    ...(row.state === null ? {} : { state: row.state }),
    ...(row.note === null ? {} : { note: row.note }),
  };
}

function prepare(db: Sqlite) {
  return {
    affecting: db.prepare<[string, string], Row>(
      `SELECT feed, advisory.name AS id, kind, aliases, upstream, summary, url, advisory.severity AS severity,
       cvss_vector AS cvssVector, cvss_score AS cvssScore, published, modified, ranges, versions,
       affected.severity AS packageSeverity, state, note
       FROM package JOIN affected ON affected.package = package.id JOIN advisory ON advisory.id = advisory
       WHERE ecosystem = ? AND package.name = ?`,
    ),
    ending: db.prepare<[{ ecosystem: string; ending: string }], { name: string }>(
      'SELECT name FROM package WHERE ecosystem = @ecosystem AND substr(name, -length(@ending)) = @ending ORDER BY name',
    ),
    known: db.prepare<[string], KnownRow>(
      'SELECT weight, cvss_vector AS vector, cvss_score AS score FROM known_severity WHERE id = ?',
    ),
    exploited: db.prepare<[string], { id: string }>('SELECT id FROM known_exploited WHERE id = ?'),
    epss: db.prepare<[string], { score: number }>('SELECT score FROM epss WHERE id = ?'),
    endOfLife: db.prepare<[string, string], { endsAt: string }>(
      'SELECT ends_at AS endsAt FROM end_of_life WHERE os = ? AND release = ?',
    ),
  };
}
