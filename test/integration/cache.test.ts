import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { basicOf, writeUsers } from '../support/users.ts';
import { createPusher, type Pusher } from './pusher.ts';
import { blobsIn, debian, noise, openStage, type Stage } from './stage.ts';

const large = (name: string, seed: number) => {
  const content = noise(300_000);
  content.writeUInt32LE(seed, 0);
  return debian('curl', '7.88-1', name, { layers: [{ files: [{ path: name, content }] }] });
};
const [first, second, pinned] = [large('first', 1), large('second', 2), large('pinned', 3)];
const pushed = large('pushed', 4);

let stage: Stage;
let ci: Pusher;
beforeAll(async () => {
  const users = writeUsers(temporaryDirectory(), ['ci']);
  stage = await openStage({
    repositories: { 'team/app': { first, second, pinned } },
    config: {
      auth: { users },
      cache: { keepFree: 'off', schedule: 'off' },
      hosted: { quotas: [{ repositories: 'hosted/small/**', bytes: '100KiB' }] },
    },
  });
  ci = createPusher(
    () => stage.pratique.registry,
    () => Promise.resolve(basicOf('ci')),
  );
});
afterAll(() => stage.close());

const cache = async (...args: readonly string[]) => {
  const done = await runCli(['cache', ...args, '--config', join(stage.dir, 'pratique.yaml')]);
  expect([done.code, done.err]).toEqual([0, '']);
  return done.out;
};
const there = async (): Promise<{ bytes: number; hosted: { bytes: number }; pinned: { bytes: number } }> =>
  JSON.parse(await cache('status', '--format', 'json')) as Awaited<ReturnType<typeof there>>;
/** What is used is told to the records after half a second. */
const settled = async (bytes: number): Promise<void> => {
  while ((await there()).bytes < bytes) await sleep(100);
};

describe('the cache', () => {
  it('lets go what was not used for long, keeps what is pinned and hosted, and gets evicted images again', async () => {
    for (const tag of ['first', 'second', 'pinned'])
      expect((await stage.pull('team/app', tag)).status).toBe(200);
    expect((await ci.push('hosted/team/app', '1', pushed)).status).toBe(201);
    await settled(1_200_000);
    await cache('pin', 'registry.corp/team/app:pinned', '--by', 'ops', '--note', 'ingress');
    expect(await cache('pins')).toMatch(/registry\.corp\/team\/app:pinned.*ops/);
    expect(await cache('prune', '--to', '1B', '--dry-run')).toMatch(/would go: [1-9]/);
    expect(await cache('prune', '--to', '1B')).toMatch(/gone: [1-9]/);
    const left = await there();
    expect(left.bytes).toBeLessThan(900_000);
    expect(left.bytes).toBe(left.hosted.bytes + left.pinned.bytes);
    const before = stage.upstream.requests.length;
    expect((await stage.pull('team/app', 'pinned')).status).toBe(200);
    expect((await stage.pull('team/app', 'first')).status).toBe(200);
    const fetched = stage.upstream.requests.slice(before).map(({ path }) => path);
    for (const blob of blobsIn(first)) expect(fetched.some((path) => path.endsWith(blob))).toBe(true);
    for (const [blob, bytes] of pushed.blobs) {
      expect((await ci.ask(`/v2/hosted/team/app/blobs/${blob}`)).body.equals(bytes)).toBe(true);
    }
  });

  it('never takes a blob from under a manifest that is being pushed', async () => {
    const repository = 'hosted/team/race';
    for (let round = 0; round < 3; round += 1) {
      const built = large(`race-${round}`, 100 + round);
      const [, answer] = await Promise.all([
        cache('prune', '--to', '1B', '--older-than', '1m', '--unreferenced'),
        ci.push(repository, `r${round}`, built),
      ]);
      expect(answer.status).toBe(201);
      for (const blob of blobsIn(built)) {
        expect((await ci.ask(`/v2/${repository}/blobs/${blob}`, { method: 'HEAD' })).status).toBe(200);
      }
    }
  });

  it('goes on with what it has after a restart, and is pruned without a server too', async () => {
    await stage.restart('SIGKILL');
    expect((await stage.pull('team/app', 'first')).status).toBe(200);
    await stage.pratique.stop();
    expect(await cache('prune', '--to', '1B')).toMatch(/gone: /);
    await stage.restart();
    expect((await stage.pull('team/app', 'first')).status).toBe(200);
    expect((await ci.ask('/v2/hosted/team/app/manifests/1')).status).toBe(200);
  });
});

describe('quotas', () => {
  it('refuse a push before its bytes are taken, with the numbers', async () => {
    const bytes = noise(200_000);
    const answer = await ci.blob('hosted/small/app', `sha256:${'0'.repeat(64)}`, bytes);
    expect(answer).toMatchObject({
      status: 403,
      code: 'DENIED',
      message: expect.stringMatching(/quota of hosted\/small\/\*\* is 100 KiB.*195 KiB are being pushed/),
    });
  });
});
