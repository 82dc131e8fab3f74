import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import type { ReplicaStore } from '../core/ports/replica.ts';
import type { ReplicaImage, ReplicaVerdict } from '../core/replica.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { openReplica } from './replica.ts';
import { at, digest, nginx, verdict } from './samples.ts';

const image = digest('a');
const held: ReplicaImage = {
  repository: nginx,
  digest: image,
  platforms: [{ platform: null, digest: image }],
  unfit: [],
  tags: [],
};
const said = (status: 'pass' | 'fail', minute: number): ReplicaVerdict => ({
  digest: image,
  policy: 'baseline',
  verdict: verdict({ status, evaluatedAt: at(minute) }),
  since: at(minute),
  images: ['docker.io/library/nginx'],
});
const read = (cursor: number) => ({ records: 'one', cursor, isLast: true });
let store: ReplicaStore;
beforeEach(() => {
  const file = join(temporaryDirectory(), 'replica.db');
  store = openReplica({ file, proxy: 'https://proxy', logger: pino({ enabled: false }) });
});
afterEach(() => {
  jest.restoreAllMocks();
  store.close();
});
const status = (): string | undefined => store.verdict(image, 'baseline')?.verdict.status;

describe('an answer about one image', () => {
  it.each([
    ['that was made before what is held changes nothing', 1, 'fail'],
    ['that was made with it counts', 2, 'pass'],
    ['that was made later counts', 3, 'pass'],
  ] as const)('%s', (_what, minute, expected) => {
    store.putChanges([said('fail', 2)], [], read(1));
    store.putVetted(held, [said('pass', minute)], null);
    expect(status()).toBe(expected);
  });

  it('does not keep out what the stream tells, whenever that was made: records may be of a backup', () => {
    store.putVetted(held, [said('pass', 2)], null);
    store.putChanges([said('fail', 1)], [], read(1));
    expect(status()).toBe('fail');
  });
});

it('goes on from where it was after a page that the disk has no room for', () => {
  store.putChanges([said('pass', 1)], [], read(1));
  const { transaction } = Database.prototype;
  const full = jest.spyOn(Database.prototype, 'transaction').mockImplementation(function (this: never, work) {
    return transaction.call(this, (...args: unknown[]) => {
      work(...args);
      throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
    }) as never;
  });
  expect(() => store.putChanges([said('fail', 2)], [], read(2))).toThrow('full');
  full.mockRestore();
  store.putHeardAt(1);
  expect([status(), store.place('changes').cursor]).toEqual(['pass', 1]);
});
