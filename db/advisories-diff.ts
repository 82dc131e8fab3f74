import Database from 'better-sqlite3';
import { errorText, PratiqueError } from '../core/errors.ts';
import type { AdvisoryIndex } from '../core/ports/advisories.ts';
import { openAdvisoryIndex } from './advisories-file.ts';
import type { Sqlite } from './sqlite.ts';

/** What may be found otherwise by one revision than by another. */
export interface ChangedSubjects {
  /** True: everything may be, whatever `subjects` holds. */
  readonly all: boolean;
  /** `ecosystem\nname` of packages as advisories name them. */
  readonly subjects: ReadonlySet<string>;
}

const everything: ChangedSubjects = { all: true, subjects: new Set() };

/**
 * Of which packages two revisions do not say the same: their advisories, or what any feed knows of those advisories'
 * names (severity, known exploitation, EPSS). Reads both files once; never leaves a change out.
 * @param from file of the older revision; null: it is gone
 * @throws PratiqueError `advisories-missing`, `advisories-unreadable`, of `to`
 */
export function changedSubjects(from: string | null, to: string): ChangedSubjects {
  const newer = openAdvisoryIndex(to);
  newer.close();
  if (from === null) return everything;
  let db: Sqlite | null = null;
  try {
    const older = openAdvisoryIndex(from);
    older.close();
    // Another way of reading, or of matching.
    if (importerOf(from) !== importerOf(to) || wayOf(older.revision) !== wayOf(newer.revision)) {
      return everything;
    }
    const kev = (index: AdvisoryIndex): boolean => index.feeds.some(({ name }) => name === 'kev');
    if (kev(older) !== kev(newer)) return everything;
    db = new Database(':memory:');
    db.prepare('ATTACH ? AS older').run(from);
    db.prepare('ATTACH ? AS newer').run(to);
    db.exec(collect);
    const subjects = new Set(db.prepare<[], string>('SELECT subject FROM subject').pluck().all());
    for (const subject of ofOtherAuthority(db, older, newer)) subjects.add(subject);
    return { all: false, subjects };
  } catch (error) {
    // The older one is of another version, or damaged.
    if (error instanceof PratiqueError || db === null) return everything;
    throw new PratiqueError(
      'advisories-unreadable',
      `${from} and ${to} cannot be compared: ${errorText(error)}`,
      { from, to },
      error,
    );
  } finally {
    db?.close();
  }
}

function importerOf(file: string): number | undefined {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    return db.prepare<[], number>('SELECT importer FROM revision').pluck().get();
  } finally {
    db.close();
  }
}

/** The part of a revision that tells how it is matched. */
function wayOf(revision: string): string {
  return revision.slice(revision.lastIndexOf('-'));
}

const sides = ['older', 'newer'] as const;
type Side = (typeof sides)[number];
const other: Readonly<Record<Side, Side>> = { older: 'newer', newer: 'older' };

const changedIds = (side: Side): string =>
  [
    'SELECT id, weight, cvss_vector, cvss_score FROM %.known_severity',
    'SELECT id, NULL, NULL, NULL FROM %.known_exploited',
    'SELECT id, score, NULL, NULL FROM %.epss',
  ]
    .map((select) => {
      const [here, there] = [side, other[side]].map((name) => select.replace('%', name));
      return `INSERT OR IGNORE INTO changed_id SELECT id FROM (${here ?? ''} EXCEPT ${there ?? ''});`;
    })
    .join('\n');

const changedAdvisories = (side: Side): string => `
  INSERT OR IGNORE INTO ${side}_advisory
    SELECT id FROM ${side}.advisory AS here WHERE NOT EXISTS
      (SELECT 1 FROM said_${other[side]} AS there
       WHERE there.hash = here.hash AND there.name = here.name AND there.feed = here.feed);
  INSERT OR IGNORE INTO ${side}_advisory SELECT id FROM ${side}.advisory WHERE name IN (SELECT id FROM changed_id);
  INSERT OR IGNORE INTO ${side}_advisory SELECT advisory.id FROM ${side}.advisory, json_each(aliases)
    WHERE aliases <> '' AND value IN (SELECT id FROM changed_id);
  INSERT OR IGNORE INTO ${side}_advisory SELECT advisory.id FROM ${side}.advisory, json_each(upstream)
    WHERE upstream <> '' AND value IN (SELECT id FROM changed_id);
  INSERT OR IGNORE INTO subject
    SELECT ecosystem || char(10) || package.name FROM ${side}.affected
    JOIN ${side}.package ON package.id = package
    WHERE advisory IN (SELECT id FROM ${side}_advisory);`;

const said = (side: Side): string => `
  CREATE TEMP TABLE said_${side} (hash BLOB, name TEXT, feed TEXT, PRIMARY KEY (hash, name, feed)) WITHOUT ROWID;
  INSERT OR IGNORE INTO said_${side} SELECT hash, name, feed FROM ${side}.advisory ORDER BY hash, name, feed;
  CREATE TEMP TABLE ${side}_advisory (id INTEGER PRIMARY KEY);`;

const collect = `
  CREATE TEMP TABLE changed_id (id TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TEMP TABLE subject (subject TEXT PRIMARY KEY) WITHOUT ROWID;
  ${sides.map(said).join('')}
  ${sides.map(changedIds).join('')}
  ${sides.map(changedAdvisories).join('')}
`;

/** All packages of ecosystems for which another feed speaks than before. */
function ofOtherAuthority(db: Sqlite, before: AdvisoryIndex, after: AdvisoryIndex): readonly string[] {
  const speakers = [before, after].map(
    ({ ecosystems }) =>
      new Map(ecosystems.map((one) => [one.ecosystem, JSON.stringify([one.feed, one.speakers])])),
  );
  const [older, newer] = speakers;
  const names = new Set(speakers.flatMap((one) => [...one.keys()]));
  const changed = [...names].filter((name) => older?.get(name) !== newer?.get(name));
  if (changed.length === 0) return [];
  return db
    .prepare<{ names: string }, string>(
      sides
        .map(
          (side) =>
            `SELECT ecosystem || char(10) || name FROM ${side}.package
             WHERE ecosystem IN (SELECT value FROM json_each(@names))`,
        )
        .join(' UNION '),
    )
    .pluck()
    .all({ names: JSON.stringify(changed) });
}
