/** Steps of the state file's schema; append, never change one that was released. */
export const stateSchema: readonly string[] = [
  `
  CREATE TABLE repository (
    id INTEGER PRIMARY KEY,
    upstream TEXT NOT NULL,
    path TEXT NOT NULL,
    canonical TEXT NOT NULL,
    UNIQUE (upstream, path)
  ) STRICT;
  CREATE TABLE manifest (
    digest TEXT PRIMARY KEY,
    media_type TEXT NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE repository_manifest (
    digest TEXT NOT NULL REFERENCES manifest (digest),
    repository INTEGER NOT NULL REFERENCES repository (id),
    PRIMARY KEY (digest, repository)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE manifest_blob (
    blob TEXT NOT NULL,
    manifest TEXT NOT NULL REFERENCES manifest (digest),
    size INTEGER NOT NULL,
    PRIMARY KEY (blob, manifest)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE repository_blob (
    blob TEXT NOT NULL,
    repository INTEGER NOT NULL REFERENCES repository (id),
    PRIMARY KEY (blob, repository)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tag (
    repository INTEGER NOT NULL REFERENCES repository (id),
    tag TEXT NOT NULL,
    digest TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (repository, tag)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE layer (
    digest TEXT PRIMARY KEY,
    analyzers TEXT NOT NULL,
    analysis BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE inventory (
    digest TEXT PRIMARY KEY,
    analyzers TEXT NOT NULL,
    inventory BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE match (
    digest TEXT PRIMARY KEY,
    advisories_revision TEXT NOT NULL,
    result BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE verdict (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    policy_revision TEXT NOT NULL,
    advisories_revision TEXT NOT NULL,
    scanner TEXT NOT NULL,
    status TEXT NOT NULL,
    evaluated_at TEXT NOT NULL,
    verdict TEXT NOT NULL
  ) STRICT;
  CREATE INDEX verdict_by_digest ON verdict (digest, id);
  `,
  `
  CREATE TABLE blob_push (
    blob TEXT NOT NULL,
    repository INTEGER NOT NULL REFERENCES repository (id),
    user TEXT NOT NULL,
    PRIMARY KEY (blob, repository, user)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE manifest_subject (
    subject TEXT NOT NULL,
    manifest TEXT NOT NULL REFERENCES manifest (digest),
    PRIMARY KEY (subject, manifest)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE scan_job (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    job TEXT NOT NULL,
    authorization TEXT,
    state TEXT NOT NULL,
    revision TEXT,
    created_at TEXT NOT NULL,
    finished_at TEXT
  ) STRICT;
  CREATE INDEX scan_job_by_digest ON scan_job (digest);
  CREATE INDEX scan_job_by_end ON scan_job (finished_at);
  CREATE TABLE scan_report (
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    media_type TEXT NOT NULL,
    revision TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (digest, kind, media_type, revision)
  ) STRICT;
  `,
];
