/** "PRAT": tells an advisories file from any other SQLite file. */
export const applicationId = 0x50524154;
/** A file of another version is refused and made again by the next import: it holds nothing of its own. */
export const schemaVersion = 1;
/** Part of the revision: raise it when the same feeds are to be read differently. */
export const importerVersion = 4;

/** Lists and events are packed texts (advisories-codec.ts): a row is read far more often than looked into. */
export const advisoriesSchema = `
  CREATE TABLE revision (revision TEXT NOT NULL) STRICT;
  CREATE TABLE feed (
    name TEXT PRIMARY KEY,
    updated_at TEXT NOT NULL,
    records INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    source TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ecosystem (
    ecosystem TEXT NOT NULL,
    feed TEXT NOT NULL,
    rows INTEGER NOT NULL,
    PRIMARY KEY (ecosystem, feed)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE advisory (
    id INTEGER PRIMARY KEY,
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
    modified TEXT
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
    severity TEXT
  ) STRICT;
  CREATE TABLE known_severity (
    id TEXT PRIMARY KEY,
    weight REAL NOT NULL,
    cvss_vector TEXT,
    cvss_score REAL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE known_exploited (
    id TEXT PRIMARY KEY,
    added_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE lent (id TEXT NOT NULL, weight REAL NOT NULL, cvss_vector TEXT, cvss_score REAL) STRICT;
`;

/** Made when all rows are in: several times faster than keeping them while rows come. */
export const advisoriesIndices = `
  INSERT INTO known_severity SELECT id, max(weight), cvss_vector, cvss_score FROM lent GROUP BY id ORDER BY id;
  CREATE UNIQUE INDEX package_by_name ON package (ecosystem, name);
  CREATE INDEX affected_by_package ON affected (package);
`;
