import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { type Digest, parseDigest } from '../core/digest.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ReplicaStore } from '../core/ports/replica.ts';
import { type ReplicaImage, type ReplicaVerdict, unreadRevision } from '../core/replica.ts';
import type { FinalStatus } from '../core/verdict.ts';
import { openReplica } from './replica.ts';

const proxy = 'https://proxy.example:5443/';
const address = { upstream: 'corp', namespace: 'registry.corp', path: 'team/app' };
const at = '2026-11-30T10:00:00.000Z';
const digestOf = (digit: string): Digest => {
  const digest = parseDigest(`sha256:${digit.repeat(64)}`);
  if (digest === null) throw new Error('no digest');
  return digest;
};
const a = digestOf('a');
const b = digestOf('b');
let dir: string;
let file: string;
let store: ReplicaStore;
let told: string[];
const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (fields: object) => told.push(JSON.stringify(fields)),
} as unknown as Logger;
const open = (from = proxy, most?: number): ReplicaStore =>
  openReplica({ file, proxy: from, logger, ...(most === undefined ? {} : { most }) });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pratique-replica-'));
  file = join(dir, 'replica.db');
  told = [];
  store = open();
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true });
});

function entry(digest: Digest, status: FinalStatus, policy = 'baseline'): ReplicaVerdict {
  return {
    ...{ digest, policy, since: at, images: ['registry.corp/team/app'] },
    verdict: {
      ...{ status, policy, policyRevision: 'r1', advisoriesRevision: 'a1', scanner: '' },
      ...{ rules: [], reasons: [`it is ${status}`], coverage: [], suppressed: [] },
      summary: {
        counts: { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 },
        ...{ fixable: 0, worst: [] },
      },
      blockers: { complete: true, list: [] },
      ...{ evaluatedAt: at, validUntil: '2026-12-30T10:00:00.000Z' },
      next: { at: '2026-12-30T10:00:00.000Z', status: 'error' },
    },
  };
}

const image = (digest: Digest, ...tags: string[]): ReplicaImage => ({
  ...{ repository: address, digest, platforms: [{ platform: null, digest }], unfit: [], tags },
});
const read = (cursor: number, isLast = true) => ({ records: 'one', cursor, isLast });
const fill = (): void => {
  store.putChanges([entry(a, 'pass'), entry(b, 'fail')], [], read(2));
  store.putImages([image(a, 'good'), image(b, 'bad')], [], read(2), 0);
};

describe('what was put', () => {
  it('is there as it was, after a restart too', () => {
    fill();
    store.putGround('{"some":"ground"}');
    store.putHeardAt(42);
    store.close();
    store = open();
    expect(store.verdict(a, 'baseline')).toEqual({
      verdict: entry(a, 'pass').verdict,
      since: at,
      images: ['registry.corp/team/app'],
    });
    expect(store.image(address, b)).toEqual({
      ...{ digest: b, platforms: [{ platform: null, digest: b }], unfit: [] },
    });
    expect(store.tag(address, 'bad')).toEqual({ digest: b, heardAt: null });
    expect([store.ground(), store.heardAt(), store.place('changes')]).toEqual([
      '{"some":"ground"}',
      42,
      { records: 'one', cursor: 2, complete: true },
    ]);
    expect(store.counts()).toMatchObject({ verdicts: 2, images: 2, tags: 2 });
  });

  it('goes where another takes its place, where its policy is forgotten, and where its image is gone', () => {
    fill();
    store.putChanges([entry(a, 'fail')], [], read(3));
    expect(store.verdict(a, 'baseline')?.verdict.status).toBe('fail');
    store.putChanges([], ['baseline'], read(4));
    expect([store.verdict(a, 'baseline'), store.counts().verdicts]).toEqual([null, 0]);
    store.putImages([], [{ repository: address, digest: b }], read(3), 0);
    expect([store.image(address, b), store.tag(address, 'bad')]).toEqual([null, null]);
    expect(store.image(address, a)).not.toBeNull();
  });

  it('is what is read next, whatever was read before', () => {
    const held = () => [
      store.image(address, a) !== null,
      store.image(address, b) !== null,
      store.tag(address, 'good')?.digest ?? null,
      store.verdict(a, 'baseline')?.verdict.status ?? null,
    ];
    const seen = [held()];
    const then = (write: () => void): void => {
      write();
      seen.push(held(), held());
    };
    then(() => store.putImages([image(a, 'good')], [], read(1), 0));
    then(() => store.putChanges([entry(a, 'pass')], [], read(1)));
    then(() => store.putVetted(image(b), [entry(a, 'fail')], { tag: 'good', heardAt: 5 }));
    then(() => store.dropTag(address, 'good'));
    then(() => store.putImages([], [{ repository: address, digest: a }], read(2), 6));
    const [begun, ...after] = seen;
    expect(begun).toEqual([false, false, null, null]);
    expect(after).toEqual(
      [
        [true, false, a, null],
        [true, false, a, 'pass'],
        [true, true, b, 'fail'],
        [true, true, null, 'fail'],
        [false, true, null, 'fail'],
      ].flatMap((row) => [row, row]),
    );
  });

  it('stays while all is read again, and what was not seen then goes', () => {
    fill();
    store.beginAnew('changes');
    expect(store.place('changes')).toEqual({ records: null, cursor: 0, complete: true });
    store.putChanges([entry(b, 'pass')], [], { records: 'two', cursor: 1, isLast: false });
    expect(store.verdict(a, 'baseline')?.verdict.status).toBe('pass');
    store.putChanges([], [], { records: 'two', cursor: 2, isLast: true });
    expect([store.verdict(a, 'baseline'), store.verdict(b, 'baseline')?.verdict.status]).toEqual([
      null,
      'pass',
    ]);
    expect(store.counts()).toMatchObject({ verdicts: 1 });
  });

  it('of a tag outweighs a list that was asked for before it was heard', () => {
    fill();
    store.putVetted(image(b), [entry(b, 'fail')], { tag: 'good', heardAt: 500 });
    store.putImages([image(a, 'good')], [], read(3), 400);
    expect(store.tag(address, 'good')).toEqual({ digest: b, heardAt: 500 });
    store.putImages([image(a, 'good')], [], read(4), 600);
    expect(store.tag(address, 'good')).toEqual({ digest: a, heardAt: null });
  });

  it('finds no room beyond the most, and what is there is still renewed', () => {
    store.close();
    rmSync(file);
    store = open(proxy, 1);
    fill();
    expect(store.counts()).toMatchObject({ verdicts: 1, images: 1, tags: 1 });
    expect(store.counts().leftOut).toBeGreaterThan(0);
    store.putChanges([entry(a, 'fail')], [], read(3));
    expect(store.verdict(a, 'baseline')?.verdict.status).toBe('fail');
    expect(store.verdict(b, 'baseline')).toBeNull();
  });
});

describe('the first reading', () => {
  /** What a loss of power, or a process that is killed, would leave now. */
  const left = (): readonly [boolean, number, number] => {
    const copy = join(dir, 'copy.db');
    for (const side of ['', '-wal']) {
      rmSync(`${copy}${side}`, { force: true });
      if (existsSync(`${file}${side}`)) copyFileSync(`${file}${side}`, `${copy}${side}`);
    }
    const found = openReplica({ file: copy, proxy, logger });
    const isWhole = found.place('changes').complete && found.place('images').complete;
    const { verdicts, images } = found.counts();
    found.close();
    return [isWhole, verdicts, images];
  };

  it('that is cut off is never taken for a whole one', () => {
    store.putChanges([entry(a, 'pass')], [], read(1, false));
    expect(left()[0]).toBe(false);
    store.putImages([image(a, 'good')], [], read(1, false), 0);
    store.putChanges([entry(b, 'fail')], [], read(2));
    expect(left()[0]).toBe(false);
    store.putImages([image(b, 'bad')], [], read(2), 0);
    expect(left()).toEqual([true, 2, 2]);
    store.putChanges([entry(a, 'fail')], [], read(3));
    expect(left()).toEqual([true, 2, 2]);
  });

  it('that is ended in order goes on where it was', () => {
    store.putChanges([entry(a, 'pass')], [], read(1, false));
    store.close();
    store = open();
    expect([store.place('changes').cursor, store.verdict(a, 'baseline')?.verdict.status]).toEqual([
      1,
      'pass',
    ]);
  });

  it('loses a page that could not be written together with its cursor', () => {
    store.putChanges([entry(a, 'pass')], [], read(1, false));
    const odd = { ...entry(b, 'fail'), since: 'never' };
    expect(() => store.putChanges([odd], [], read(2, false))).toThrow();
    expect([store.place('changes').cursor, store.counts().verdicts]).toEqual([0, 0]);
  });
});

describe('a verdict that could not be read', () => {
  const unread = (digest: Digest): ReplicaVerdict => {
    const { verdict, ...rest } = entry(digest, 'error');
    return { ...rest, verdict: { ...verdict, policyRevision: unreadRevision } };
  };

  it('is counted for as long as it stands', () => {
    fill();
    expect(store.counts().unread).toBe(0);
    store.putChanges([unread(a)], [], read(3));
    store.close();
    store = open();
    expect([store.counts().unread, store.verdict(a, 'baseline')?.verdict.status]).toEqual([1, 'error']);
    store.putChanges([entry(a, 'pass')], [], read(4));
    expect([store.counts().unread, store.verdict(a, 'baseline')?.verdict.status]).toEqual([0, 'pass']);
  });
});

describe('a file that is not as it was written', () => {
  const change = (sql: string): void => {
    store.close();
    const db = new Database(file);
    db.exec(sql);
    db.close();
    store = open();
  };

  it.each([
    ['another time', 'UPDATE verdict SET valid_until = NULL, next_at = NULL, next_status = NULL'],
    ['another text', 'UPDATE verdict SET packed = (SELECT packed FROM verdict ORDER BY digest LIMIT 1)'],
    ['the words of another revision', "UPDATE word SET word = 'r2' WHERE word = 'r1'"],
    ['no text', "UPDATE verdict SET packed = x''"],
    ['a text that is none', "UPDATE verdict SET packed = x'00'"],
  ])('with %s of a verdict is begun anew, and nothing is known', (_what, sql) => {
    fill();
    change(sql);
    expect(store.verdict(b, 'baseline')).toBeNull();
    expect(store.damage()).toMatch(/begun anew/);
    expect(told).toHaveLength(1);
    expect(store.place('changes')).toEqual({ records: null, cursor: 0, complete: false });
    fill();
    expect(store.verdict(b, 'baseline')?.verdict.status).toBe('fail');
  });

  it.each([
    ['an image', `UPDATE image SET body = '[[],[]]'`, () => store.image(address, b)],
    [
      'a tag',
      `UPDATE tag SET digest = (SELECT digest FROM tag ORDER BY tag DESC LIMIT 1)`,
      () => store.tag(address, 'bad'),
    ],
    ['the ground', `UPDATE ground SET mark = x'00'`, () => store.ground()],
  ])('in %s is begun anew', (_what, sql, look) => {
    fill();
    store.putGround('{}');
    change(sql);
    expect(look()).toBeNull();
    expect(store.damage()).not.toBeNull();
  });

  it.each<readonly [string, () => void]>([
    ['is of another proxy', () => undefined],
    ['is no database', () => writeFileSync(file, 'x'.repeat(9000))],
    ['is a database of something else', () => new Database(file).exec('PRAGMA application_id = 7').close()],
    ['is of another version', () => new Database(file).exec('PRAGMA user_version = 99').close()],
    [
      'has holes',
      () => writeFileSync(file, Buffer.concat([readFileSync(file).subarray(0, 4096), Buffer.alloc(60_000)])),
    ],
  ])('that %s is put aside', (what, harm) => {
    fill();
    store.close();
    harm();
    store = open(what === 'is of another proxy' ? 'https://other.example/' : proxy);
    expect([store.verdict(a, 'baseline'), store.verdict(b, 'baseline')]).toEqual([null, null]);
    expect(store.damage()).not.toBeNull();
    expect(readFileSync(`${file}.damaged`).length).toBeGreaterThan(0);
  });
});

describe('where nothing can be written', () => {
  it('what was heard before is still known, and who writes is told where to look', () => {
    fill();
    // The other one stands for a disk that is full: neither is the file's fault.
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    const write = (): void => store.dropTag(address, 'bad');
    expect(write).toThrow(/replica\.db cannot be written: database is locked; make room on the disk/);
    expect(write).toThrow(expect.objectContaining({ code: 'storage-full' }));
    expect(store.verdict(b, 'baseline')?.verdict.status).toBe('fail');
    expect(store.damage()).toBeNull();
    other.exec('ROLLBACK');
    other.close();
    expect(write).not.toThrow();
  }, 30_000);
});
