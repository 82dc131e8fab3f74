import { firstSteps } from './state-schema-first.ts';

/** Steps of the state file's schema; append, never change one that was released. */
export const stateSchema: readonly string[] = [
  ...firstSteps,
  // What was found belongs to distinct packages, and no longer to images: it is found again.
  `
  DROP TABLE match;
  DROP TABLE finding;
  DELETE FROM kept WHERE name = 'match-revisions';
  CREATE TABLE package (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE package_image (
    package INTEGER NOT NULL,
    image INTEGER NOT NULL,
    PRIMARY KEY (package, image)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE image_packages (
    image INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    types TEXT NOT NULL,
    packages BLOB NOT NULL
  ) STRICT;
  CREATE INDEX image_packages_by_system ON image_packages (system);
  CREATE TABLE package_match (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    package INTEGER NOT NULL UNIQUE,
    findings BLOB NOT NULL,
    spoken_for TEXT
  ) STRICT;
  CREATE TABLE match_ground (
    system TEXT PRIMARY KEY,
    ground TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE match_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    revision TEXT NOT NULL,
    generation INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE match_next (
    package INTEGER PRIMARY KEY,
    findings BLOB,
    spoken_for TEXT
  ) STRICT;
  CREATE TABLE match_next_ground (
    system TEXT PRIMARY KEY,
    ground TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // What programs log in with.
  `
  CREATE TABLE access_token (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    ends_at INTEGER NOT NULL,
    token TEXT NOT NULL,
    revoked TEXT
  ) STRICT;
  CREATE INDEX access_token_by_name ON access_token (name);
  CREATE TRIGGER access_token_stays BEFORE DELETE ON access_token
    BEGIN SELECT RAISE(ABORT, 'access tokens are revoked, never deleted'); END;
  CREATE TRIGGER access_token_not_changed BEFORE UPDATE OF id, name, ends_at, token ON access_token
    BEGIN SELECT RAISE(ABORT, 'what was given out is never changed'); END;
  CREATE TRIGGER access_token_stays_revoked BEFORE UPDATE OF revoked ON access_token WHEN old.revoked IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'what was revoked stays so'); END;
  `,
  // Which blobs lie in the store, when they were used last, and what hosted repositories were given.
  `
  CREATE TABLE blob (
    digest TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    used_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX blob_by_use ON blob (used_at, digest);
  CREATE TABLE blob_total (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    bytes INTEGER NOT NULL,
    blobs INTEGER NOT NULL
  ) STRICT;
  INSERT INTO blob_total VALUES (1, 0, 0);
  CREATE TRIGGER blob_added AFTER INSERT ON blob
    BEGIN UPDATE blob_total SET bytes = bytes + new.size, blobs = blobs + 1; END;
  CREATE TRIGGER blob_removed AFTER DELETE ON blob
    BEGIN UPDATE blob_total SET bytes = bytes - old.size, blobs = blobs - 1; END;
  CREATE TRIGGER blob_resized AFTER UPDATE OF size ON blob
    BEGIN UPDATE blob_total SET bytes = bytes + new.size - old.size; END;
  CREATE INDEX manifest_blob_by_manifest ON manifest_blob (manifest);
  CREATE INDEX repository_manifest_by_repository ON repository_manifest (repository);
  CREATE TABLE hosted_claim (
    blob TEXT NOT NULL,
    repository INTEGER NOT NULL REFERENCES repository (id),
    user TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (blob, repository, user)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX hosted_claim_by_repository ON hosted_claim (repository);
  CREATE INDEX hosted_claim_by_user ON hosted_claim (user);
  INSERT INTO hosted_claim
    SELECT blob, repository, coalesce(user, ''), CAST(strftime('%s', 'now') AS INTEGER) * 1000
    FROM repository_blob JOIN repository ON id = repository LEFT JOIN blob_push USING (blob, repository)
    WHERE upstream = 'hosted';
  CREATE TABLE pin (
    upstream TEXT NOT NULL,
    path TEXT NOT NULL,
    namespace TEXT NOT NULL,
    reference TEXT NOT NULL,
    tag TEXT,
    digest TEXT,
    "by" TEXT NOT NULL,
    note TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (upstream, path, reference)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE cache_request (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    request TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    problem TEXT
  ) STRICT;
  CREATE INDEX cache_request_open ON cache_request (id) WHERE state IN ('asked', 'running');
  `,
  // What another scanner has said of an image, where one decides.
  `
  CREATE TABLE reported (
    digest TEXT PRIMARY KEY,
    scanner TEXT NOT NULL,
    said BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // What runs in clusters that tell it: by which look at a cluster an image was seen last, and when it was found to have stopped.
  `
  ALTER TABLE sighting ADD COLUMN look TEXT;
  ALTER TABLE sighting ADD COLUMN stopped_at TEXT;
  CREATE TABLE watched_cluster (
    cluster TEXT PRIMARY KEY,
    look TEXT NOT NULL,
    told_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sighting_by_cluster ON sighting (cluster) WHERE stopped_at IS NULL;
  `,
  // What gates that run on their own are told.
  `
  CREATE TABLE records_name (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    changes INTEGER NOT NULL,
    held INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE policy_forgotten (
    policy TEXT PRIMARY KEY,
    cursor INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE held_change (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    digest TEXT NOT NULL,
    repository INTEGER NOT NULL,
    UNIQUE (digest, repository)
  ) STRICT;
  INSERT INTO held_change (digest, repository) SELECT digest, repository FROM repository_manifest;
  CREATE INDEX tag_by_digest ON tag (repository, digest);
  CREATE TRIGGER held_added AFTER INSERT ON repository_manifest BEGIN
    DELETE FROM held_change WHERE digest = new.digest AND repository = new.repository;
    INSERT INTO held_change (digest, repository) VALUES (new.digest, new.repository);
  END;
  CREATE TRIGGER held_removed AFTER DELETE ON repository_manifest BEGIN
    DELETE FROM held_change WHERE digest = old.digest AND repository = old.repository;
    INSERT INTO held_change (digest, repository) VALUES (old.digest, old.repository);
  END;
  CREATE TRIGGER held_tagged AFTER INSERT ON tag BEGIN
    DELETE FROM held_change WHERE digest = new.digest AND repository = new.repository;
    INSERT INTO held_change (digest, repository) VALUES (new.digest, new.repository);
  END;
  CREATE TRIGGER held_untagged AFTER DELETE ON tag BEGIN
    DELETE FROM held_change WHERE digest = old.digest AND repository = old.repository;
    INSERT INTO held_change (digest, repository) VALUES (old.digest, old.repository);
  END;
  CREATE TRIGGER held_retagged AFTER UPDATE OF digest ON tag WHEN old.digest <> new.digest BEGIN
    DELETE FROM held_change WHERE repository = new.repository AND digest IN (old.digest, new.digest);
    INSERT INTO held_change (digest, repository)
      VALUES (old.digest, old.repository), (new.digest, new.repository);
  END;
  `,
];
