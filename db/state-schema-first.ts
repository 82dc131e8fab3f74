/** The first steps of `stateSchema`, which are released: images, scan jobs, verdicts, exceptions, messages and attached VEX. */
export const firstSteps: readonly string[] = [
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
  // Verdicts are made again under policies by name, inventories and matches by analyzers that tell more.
  `
  DROP TABLE verdict;
  DROP TABLE inventory;
  DROP TABLE match;
  CREATE TABLE inventory (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    analyzers TEXT NOT NULL,
    scanned_at TEXT NOT NULL,
    package_count INTEGER NOT NULL,
    head TEXT NOT NULL,
    packages BLOB NOT NULL
  ) STRICT;
  CREATE TABLE finding (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    revision TEXT NOT NULL,
    hash BLOB NOT NULL,
    finding TEXT NOT NULL,
    UNIQUE (revision, hash)
  ) STRICT;
  CREATE TABLE match (
    digest TEXT PRIMARY KEY,
    advisories_revision TEXT NOT NULL,
    result TEXT NOT NULL
  ) STRICT;
  CREATE INDEX match_by_revision ON match (advisories_revision);
  CREATE TABLE verdict_standing (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    policy TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    status TEXT NOT NULL,
    since TEXT NOT NULL,
    policy_revision TEXT NOT NULL,
    advisories_revision TEXT NOT NULL,
    scanner TEXT NOT NULL,
    evaluated_at TEXT NOT NULL,
    valid_until TEXT,
    next_at TEXT,
    next_status TEXT,
    due_at TEXT,
    decided TEXT NOT NULL,
    described TEXT NOT NULL,
    text INTEGER NOT NULL,
    UNIQUE (digest, policy)
  ) STRICT;
  CREATE TABLE verdict_text (
    id INTEGER PRIMARY KEY,
    packed BLOB NOT NULL
  ) STRICT;
  CREATE INDEX verdict_standing_due ON verdict_standing (due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX verdict_standing_rank ON verdict_standing (status, changed);
  CREATE TABLE change (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    digest TEXT,
    policy TEXT,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX change_by_image ON change (digest, policy) WHERE kind = 'verdict';
  CREATE INDEX change_by_time ON change (at) WHERE kind = 'verdict';
  CREATE TABLE status_day (
    policy TEXT NOT NULL,
    day TEXT NOT NULL,
    status TEXT NOT NULL,
    delta INTEGER NOT NULL,
    PRIMARY KEY (policy, day, status)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE follower (
    name TEXT PRIMARY KEY,
    cursor INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE kept (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;
  CREATE TABLE exception (
    id TEXT PRIMARY KEY,
    ends_at INTEGER NOT NULL,
    exception TEXT NOT NULL,
    revoked TEXT
  ) STRICT;
  CREATE TRIGGER exception_stays BEFORE DELETE ON exception
    BEGIN SELECT RAISE(ABORT, 'exceptions are revoked, never deleted'); END;
  CREATE TRIGGER exception_not_changed BEFORE UPDATE OF id, ends_at, exception ON exception
    BEGIN SELECT RAISE(ABORT, 'what was granted is never changed'); END;
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_of_grants ON audit (id) WHERE action IN ('granted', 'revoked');
  CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is only ever appended to'); END;
  CREATE TRIGGER audit_not_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is only ever appended to'); END;
  CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = new.id)
    BEGIN SELECT RAISE(ABORT, 'the audit log is only ever appended to'); END;
  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    receiver TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    next_at TEXT NOT NULL,
    problem TEXT,
    dead_at TEXT
  ) STRICT;
  CREATE INDEX outbox_waiting ON outbox (receiver, id) WHERE dead_at IS NULL;
  CREATE INDEX outbox_dead ON outbox (receiver, dead_at, id) WHERE dead_at IS NOT NULL;
  CREATE TABLE sighting (
    digest TEXT NOT NULL,
    cluster TEXT NOT NULL,
    namespace TEXT NOT NULL,
    workload TEXT NOT NULL,
    image TEXT NOT NULL,
    team TEXT,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (digest, cluster, namespace, workload)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sighting_by_time ON sighting (last_at);
  `,
  // What repositories have attached to images.
  `
  CREATE TABLE attached_vex (
    digest TEXT NOT NULL,
    repository TEXT NOT NULL,
    looked_at TEXT NOT NULL,
    problem TEXT,
    documents BLOB NOT NULL,
    PRIMARY KEY (digest, repository)
  ) STRICT;
  `,
];
