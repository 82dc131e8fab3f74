import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { temporaryDirectory } from '../test/support/temp.ts';
import { checkAdvisoriesFile } from './advisories-check.ts';
import { createAdvisorySink } from './advisories-sink.ts';

const dir = temporaryDirectory();
const good = join(dir, 'advisories.db');

beforeAll(() => {
  const sink = createAdvisorySink(good);
  sink.beginFeed('osv:Debian', 'anew');
  sink.finishFeed({
    name: 'osv:Debian',
    updatedAt: '2026-01-01T00:00:00.000Z',
    records: 0,
    rejected: 0,
    fingerprint: 'f',
    source: 's',
    licence: '',
    supersedes: null,
    bookmark: '',
  });
  sink.commit();
});

const hostile: readonly [what: string, sql: string, told: RegExp][] = [
  ['a trigger', 'CREATE TRIGGER t AFTER INSERT ON feed BEGIN SELECT 1; END', /has a trigger "t"/],
  [
    'a view in the place of a table',
    'DROP TABLE feed; CREATE VIEW feed AS SELECT 1 AS name',
    /has a view "feed"/,
  ],
  ['a further table', 'CREATE TABLE more (a)', /has a table "more"/],
  ['a further index', 'CREATE INDEX i ON advisory (name)', /has a index "i"/],
  ['a virtual table', 'CREATE VIRTUAL TABLE v USING fts5(a)', /has a table "v"/],
  ['a table of another shape', 'ALTER TABLE feed ADD COLUMN x TEXT', /has a table "feed"/],
  [
    'a generated column',
    "DROP TABLE revision; CREATE TABLE revision (other TEXT, revision TEXT AS ('x'))",
    /has a table "revision"/,
  ],
  ['an index less', 'DROP INDEX affected_by_package', /lacks affected_by_package/],
  ['no revision', 'DELETE FROM revision', /names no revision/],
  ['two revisions', "INSERT INTO revision VALUES ('another', 1)", /names no revision/],
  ['a revision that climbs', "UPDATE revision SET revision = '../state'", /names no revision/],
  ['no feed', 'DELETE FROM feed', /holds 0 feeds/],
  ['a feed of no time', "UPDATE feed SET updated_at = 'soon'", /whose time is none/],
  [
    'a field without an end',
    'UPDATE feed SET source = CAST(zeroblob(5000000) AS TEXT)',
    /a field in feed with more than/,
  ],
  ['another program', 'PRAGMA application_id = 7', /another program/],
  ['another version', 'PRAGMA user_version = 4711', /has schema 4711, this Pratique reads \d+$/],
  ['a journal of its own', 'PRAGMA journal_mode = WAL; UPDATE feed SET records = 2', /journal of its own/],
];

describe('a file from elsewhere', () => {
  it('is good where it was made here', () => {
    expect(checkAdvisoriesFile(good)).toMatchObject({
      kind: 'good',
      stored: expect.stringMatching(/^[0-9a-f]{16}$/),
      feeds: [{ name: 'osv:Debian' }],
    });
  });

  it.each(hostile)('is refused with %s', (_what, sql, told) => {
    const file = join(dir, `${Math.random()}.db`);
    copyFileSync(good, file);
    const db = new Database(file);
    db.exec(sql);
    db.close();
    expect(checkAdvisoriesFile(file)).toEqual({ kind: 'bad', why: expect.stringMatching(told) });
  });

  it.each([
    ['nothing', ''],
    ['a text', 'SQLite format 4'],
    ['the head alone', 'SQLite format 3\u0000\u0010\u0000\u0001\u0001'],
  ])('is refused where it is %s', (_what, text) => {
    const file = join(dir, `${Math.random()}.db`);
    writeFileSync(file, text, 'latin1');
    expect(checkAdvisoriesFile(file)).toMatchObject({ kind: 'bad' });
  });
});
