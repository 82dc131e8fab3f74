import { unreadRevision } from '../core/replica.ts';

/** Marks the file as a replica (SQLite's `application_id`): `PrqR`. */
export const replicaId = 0x50727152;

/** Raised with every change of the tables below: an older file is begun anew, since all of it can be read again. */
export const replicaVersion = 3;

/** Id of the word that stands as the policy's revision of what could not be read (`unreadRevision`): the index knows it. */
export const unreadWord = 1;

/**
 * A digest is its bytes; a word is what many rows share. Digests come in no order: rows of verdicts, which are long, are
 * written one after the other, and only a short index is in the order of digests. `mark` is a hash of the row: a page that
 * the disk gives back otherwise than it was written must not clear an image.
 */
export const replicaSchema = `
  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    body TEXT NOT NULL,
    mark BLOB NOT NULL
  ) STRICT;
  CREATE TABLE ground (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    packed BLOB NOT NULL,
    mark BLOB NOT NULL
  ) STRICT;
  CREATE TABLE word (
    id INTEGER PRIMARY KEY,
    word TEXT NOT NULL UNIQUE
  ) STRICT;
  INSERT INTO word (id, word) VALUES (${unreadWord}, '${unreadRevision}');
  CREATE TABLE verdict (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL,
    policy INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    policy_revision INTEGER NOT NULL,
    advisories_revision INTEGER NOT NULL,
    scanner INTEGER NOT NULL,
    evaluated_at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    valid_until INTEGER,
    next_at INTEGER,
    next_status TEXT,
    packed BLOB NOT NULL,
    -- JSON of a list.
    images TEXT NOT NULL,
    mark BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX verdict_by_image ON verdict (digest, policy);
  CREATE INDEX verdict_unread ON verdict (id) WHERE policy_revision = ${unreadWord};
  CREATE TABLE repository (
    id INTEGER PRIMARY KEY,
    upstream TEXT NOT NULL,
    path TEXT NOT NULL,
    UNIQUE (upstream, path)
  ) STRICT;
  CREATE TABLE image (
    repository INTEGER NOT NULL,
    digest BLOB NOT NULL,
    generation INTEGER NOT NULL,
    -- JSON of platforms and what is unfit; null: an image that is its own only platform.
    body TEXT,
    mark BLOB NOT NULL,
    PRIMARY KEY (repository, digest)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tag (
    repository INTEGER NOT NULL,
    tag TEXT NOT NULL,
    generation INTEGER NOT NULL,
    digest BLOB NOT NULL,
    heard_at INTEGER,
    mark BLOB NOT NULL,
    PRIMARY KEY (repository, tag)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tag_by_digest ON tag (repository, digest);
`;
