import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { errorText, PratiqueError } from '../core/errors.ts';
import type { FindingKind } from '../core/finding.ts';
import {
  type AdvisoryIndex,
  type AffectedRow,
  type EcosystemState,
  type FeedState,
  type KnownSeverityOf,
  matcherVersion,
} from '../core/ports/advisories.ts';
import type { Severity } from '../core/severity.ts';
import { unpackKnownSeverity, unpackRanges, unpackStrings } from './advisories-codec.ts';
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
}

interface KnownRow {
  readonly weight: number;
  readonly vector: string | null;
  readonly score: number | null;
}

/** The revision that readers know: that of the data, and that of the way in which it is matched. */
export function revisionOf(stored: string): string {
  return `${stored}-${matcherVersion}`;
}

class AdvisoryFile implements AdvisoryIndex {
  readonly revision: string;
  readonly feeds: readonly FeedState[];
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
    this.feeds = db
      .prepare<[], FeedState>(
        'SELECT name, updated_at AS updatedAt, records, rejected, fingerprint, source FROM feed ORDER BY name',
      )
      .all();
    this.#ecosystems = readEcosystems(db, this.feeds);
    this.#hasExploited = this.feeds.some((feed) => feed.name === 'kev');
  }

  ecosystem(name: string): EcosystemState | null {
    return this.#ecosystems.get(name) ?? null;
  }

  affecting(ecosystem: string, packageName: string): readonly AffectedRow[] {
    return this.#sql.affecting.all(ecosystem, packageName).map((row) => ({
      advisory: {
        id: row.id,
        kind: row.kind,
        aliases: unpackStrings(row.aliases),
        upstream: unpackStrings(row.upstream),
        summary: row.summary,
        url: row.url,
        severity: row.severity,
        cvss:
          row.cvssVector === null || row.cvssScore === null
            ? null
            : { vector: row.cvssVector, score: row.cvssScore },
        published: row.published,
        modified: row.modified,
      },
      affected: {
        ecosystem,
        name: packageName,
        ranges: unpackRanges(row.ranges),
        versions: unpackStrings(row.versions),
        severity: row.packageSeverity,
      },
    }));
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

  close(): void {
    this.#db.close();
  }
}

function prepare(db: Sqlite) {
  return {
    affecting: db.prepare<[string, string], Row>(
      `SELECT advisory.name AS id, kind, aliases, upstream, summary, url, advisory.severity AS severity,
       cvss_vector AS cvssVector, cvss_score AS cvssScore, published, modified, ranges, versions,
       affected.severity AS packageSeverity
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
  };
}

/** `Debian` of `Debian:12`. */
function familyOf(ecosystem: string): string {
  const colon = ecosystem.indexOf(':');
  return colon < 0 ? ecosystem : ecosystem.slice(0, colon);
}

/**
 * What a family's own feed says. Records about several ecosystems bring strays of others with them; those are
 * matched, but they are no sign that anybody speaks for that ecosystem.
 */
function readEcosystems(db: Sqlite, feeds: readonly FeedState[]): ReadonlyMap<string, EcosystemState> {
  const updatedAt = new Map(feeds.map((feed) => [feed.name, feed.updatedAt]));
  const counted = db
    .prepare<[], { ecosystem: string; feed: string; rows: number }>(
      'SELECT ecosystem, feed, rows FROM ecosystem',
    )
    .all()
    .filter((row) => row.feed === `osv:${familyOf(row.ecosystem)}`);
  const largest = new Map<string, number>();
  for (const { ecosystem, rows } of counted) {
    const family = familyOf(ecosystem);
    largest.set(family, Math.max(rows, largest.get(family) ?? 0));
  }
  return new Map(
    counted.flatMap(({ ecosystem, feed, rows }) => {
      const time = updatedAt.get(feed);
      const familyRows = largest.get(familyOf(ecosystem)) ?? rows;
      return time === undefined ? [] : [[ecosystem, { ecosystem, feed, updatedAt: time, rows, familyRows }]];
    }),
  );
}
