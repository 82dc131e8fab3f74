/** "PRAT": tells an advisories file from any other SQLite file. */
export const applicationId = 0x50524154;
/** A file of another version is refused and made again by the next import: it holds nothing of its own. */
export const schemaVersion = 2;
/** Part of the revision: raise it when the same feeds are to be read differently. */
export const importerVersion = 5;

/**
 * Lists and events are packed texts (advisories-codec.ts): a row is read far more often than looked into. `hash` is over
 * everything that can show in a finding, so that two revisions are compared without being read.
 */
export const advisoriesSchema = `
  CREATE TABLE revision (revision TEXT NOT NULL, importer INTEGER NOT NULL) STRICT;
  CREATE TABLE feed (
    name TEXT PRIMARY KEY,
    updated_at TEXT NOT NULL,
    records INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    source TEXT NOT NULL,
    licence TEXT NOT NULL,
    supersedes TEXT,
    bookmark TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE problem (
    feed TEXT PRIMARY KEY,
    why TEXT NOT NULL,
    since TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ecosystem (
    ecosystem TEXT NOT NULL,
    feed TEXT NOT NULL,
    rows INTEGER NOT NULL,
    first_at TEXT,
    newest_at TEXT,
    PRIMARY KEY (ecosystem, feed)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE advisory (
    id INTEGER PRIMARY KEY,
    feed TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    aliases TEXT NOT NULL,
    upstream TEXT NOT NULL,
    summary TEXT NOT NULL,
    url TEXT NOT NULL,
    severity TEXT,
    cvss_vector TEXT,
    cvss_score REAL,
    published TEXT,
    modified TEXT,
    weight REAL,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE TABLE package (
    id INTEGER PRIMARY KEY,
    ecosystem TEXT NOT NULL,
    name TEXT NOT NULL
  ) STRICT;
  CREATE TABLE affected (
    package INTEGER NOT NULL,
    advisory INTEGER NOT NULL,
    ranges TEXT NOT NULL,
    versions TEXT NOT NULL,
    severity TEXT,
    state TEXT,
    note TEXT
  ) STRICT;
  CREATE TABLE known_severity (
    id TEXT PRIMARY KEY,
    weight REAL NOT NULL,
    cvss_vector TEXT,
    cvss_score REAL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE known_exploited (
    feed TEXT NOT NULL,
    id TEXT NOT NULL,
    added_at TEXT,
    PRIMARY KEY (id, feed)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE epss (
    feed TEXT NOT NULL,
    id TEXT NOT NULL,
    score REAL NOT NULL,
    PRIMARY KEY (id, feed)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE end_of_life (
    feed TEXT NOT NULL,
    os TEXT NOT NULL,
    release TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    PRIMARY KEY (os, release, feed)
  ) STRICT, WITHOUT ROWID;
`;

/** Made when all rows are in: several times faster than keeping them while rows come. */
export const advisoriesIndices = `
  CREATE UNIQUE INDEX package_by_name ON package (ecosystem, name);
  CREATE INDEX affected_by_package ON affected (package);
`;

/** Before many rows come and go. */
export const dropIndices = `
  DROP INDEX IF EXISTS package_by_name;
  DROP INDEX IF EXISTS affected_by_package;
`;

/**
 * What follows from all rows together. An advisory lends its severity to its own id, its aliases, and the one id that it
 * repeats; one that repeats several says nothing of each of them. In a text, '' is an empty list.
 */
export const advisoriesSums = `
  DELETE FROM package WHERE id NOT IN (SELECT package FROM affected);
  DELETE FROM known_severity;
  INSERT INTO known_severity
    SELECT id, max(weight), cvss_vector, cvss_score FROM (
      SELECT name AS id, weight, cvss_vector, cvss_score FROM advisory WHERE weight IS NOT NULL
      UNION ALL
      SELECT value, weight, cvss_vector, cvss_score FROM advisory, json_each(aliases)
        WHERE weight IS NOT NULL AND aliases <> ''
      UNION ALL
      SELECT upstream ->> '$[0]', weight, cvss_vector, cvss_score FROM advisory
        WHERE weight IS NOT NULL AND upstream <> '' AND upstream ->> '$[1]' IS NULL
    ) GROUP BY id ORDER BY id;
  DELETE FROM ecosystem;
  INSERT INTO ecosystem
    SELECT package.ecosystem, feed, count(*), min(published), max(published)
    FROM affected JOIN advisory ON advisory.id = advisory JOIN package ON package.id = package
    GROUP BY package.ecosystem, feed;
`;
