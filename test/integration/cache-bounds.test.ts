import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStateBeside } from '../../db/state.ts';
import type { BuiltImage as Built } from '../support/images.ts';
import { runCli } from '../support/pratique.ts';
import { randomOf } from '../support/random.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { basicOf, writeUsers } from '../support/users.ts';
import { createPusher, type Pusher } from './pusher.ts';
import { blobsIn, debian, noise, openStage, type Stage } from './stage.ts';

/** The store of the built program while it is being used, evicted, pushed to and killed. */

const withFile = (name: string, bytes: number, seed: number): Built => {
  const content = noise(bytes);
  content.writeUInt32LE(seed, 0);
  return debian('curl', '7.88-1', name, { layers: [{ files: [{ path: name, content }] }] });
};
const tags = ['pinned', 'a', 'b', 'c', 'd', 'e'] as const;
const images = Object.fromEntries(tags.map((tag, at) => [tag, withFile(tag, 330_000, at)]));
/** More than all buffers between the program and a client that does not read. */
const huge = withFile('huge', 24_000_000, 99);

const users = writeUsers(temporaryDirectory(), ['ci']);
const config = (cache: Readonly<Record<string, unknown>>) => ({
  config: { auth: { users }, cache: { keepFree: 'off', schedule: 'off', grace: '1m', ...cache } },
});
let stage: Stage;
let ci: Pusher;
beforeAll(async () => {
  // Room for four of the images, and not for five.
  stage = await openStage({
    repositories: { 'team/app': { ...images, huge } },
    ...config({ bytes: '1500KiB' }),
  });
  ci = createPusher(
    () => stage.pratique.registry,
    () => Promise.resolve(basicOf('ci')),
  );
});
afterAll(() => stage.close());

const cache = async (...args: readonly string[]): Promise<string> => {
  const done = await runCli(['cache', ...args, '--config', join(stage.dir, 'pratique.yaml')]);
  expect([done.code, done.err]).toEqual([0, '']);
  return done.out;
};
const shardOf = (digest: string): string =>
  join(stage.pratique.dataDir, 'store', 'blobs', 'sha256', digest.slice('sha256:'.length).slice(0, 2));
const isStored = (digest: string): boolean =>
  existsSync(join(shardOf(digest), digest.slice('sha256:'.length)));
const largeLayer = (built: Built | undefined): string => built?.layers[1]?.digest ?? '';
const until = async (what: string, holds: () => boolean): Promise<void> => {
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`never so: ${what}\n${stage.pratique.log().slice(-3000)}`);
    await sleep(5);
  }
};

describe('a cache that is full', () => {
  it('lets go what was least recently used, and neither what is pinned nor what was just used', async () => {
    await cache('pin', 'registry.corp/team/app:pinned', '--by', 'ops', '--note', 'ingress');
    for (const tag of ['pinned', 'a', 'b', 'c', 'a', 'd']) {
      expect([tag, (await stage.pull('team/app', tag)).status]).toEqual([tag, 200]);
    }
    await until('b went', () => !isStored(largeLayer(images.b)));
    expect((await stage.pull('team/app', 'e')).status).toBe(200);
    await until('c went', () => !isStored(largeLayer(images.c)));
    for (const tag of ['pinned', 'a', 'd', 'e']) {
      expect([tag, isStored(largeLayer(images[tag]))]).toEqual([tag, true]);
    }
    const path = `/v2/team/app/blobs/${largeLayer(images.b)}`;
    expect(stage.upstream.count(path, 'GET')).toBe(1);
    expect((await stage.pull('team/app', 'b')).status).toBe(200);
    expect(stage.upstream.count(path, 'GET')).toBe(2);
  });
});

/** A client that does not read on until it is told to. */
function slowly(path: string): Promise<{ readonly rest: () => Promise<Buffer> }> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, stage.pratique.registry);
    const sent = request(url, { agent: false, headers: { Authorization: basicOf('ci') } });
    sent.on('error', reject);
    sent.on('response', (response: IncomingMessage) => {
      resolve({
        rest: async () => {
          const parts: Buffer[] = [];
          for await (const part of response) parts.push(part as Buffer);
          return Buffer.concat(parts);
        },
      });
    });
    sent.end();
  });
}

describe('a client that reads slowly', () => {
  it('gets all of a blob that is to go meanwhile, which goes after it', async () => {
    await stage.restart('SIGTERM', config({}));
    const blob = largeLayer(huge);
    expect((await stage.pull('team/app', 'huge')).status).toBe(200);
    const client = await slowly(`/v2/corp/team/app/blobs/${blob}`);
    expect(await cache('prune', '--to', '1B')).toMatch(/gone: [1-9]/);
    expect(isStored(blob)).toBe(true);
    expect(
      (await client.rest()).equals(
        Buffer.from(huge.blobs.get(huge.layers[1]?.digest ?? huge.manifest.digest) ?? ''),
      ),
    ).toBe(true);
    await cache('prune', '--to', '1B');
    expect(isStored(blob)).toBe(false);
  });
});

const kept = withFile('kept', 5000, 7);
const expectWhole = async (repository: string, built: Built): Promise<void> => {
  for (const [digest, bytes] of built.blobs) {
    const answer = await ci.ask(`/v2/${repository}/blobs/${digest}`);
    expect([repository, digest, answer.status]).toEqual([repository, digest, 200]);
    expect(answer.body.equals(Buffer.from(bytes))).toBe(true);
  }
};

describe('a kill in the middle of a round', () => {
  it('leaves no record without its file, and the round is gone on with', async () => {
    expect((await ci.push('hosted/team/kept', '1', kept)).status).toBe(201);
    await stage.pratique.stop();
    const strays = Array.from({ length: 3000 }, (_, at) => {
      const bytes = Buffer.from(`stray ${at}`);
      return { bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
    });
    for (const { bytes, digest } of strays) {
      mkdirSync(shardOf(digest), { recursive: true });
      const file = join(shardOf(digest), digest.slice('sha256:'.length));
      writeFileSync(file, bytes);
      // Older than the grace.
      utimesSync(file, 1_700_000_000, 1_700_000_000);
    }
    const left = (): number => strays.filter(({ digest }) => isStored(digest)).length;
    await stage.restart();
    await until('the store was looked through', () =>
      stage.pratique.log().includes('the store was looked through'),
    );
    const order = runCli(['cache', 'prune', '--unreferenced', '--config', join(stage.dir, 'pratique.yaml')]);
    await until('the first are gone', () => left() < strays.length);
    await stage.pratique.stop('SIGKILL');
    expect(left()).toBeGreaterThan(0);
    // Whoever waits for it takes the order over where nobody serves.
    expect(await order).toMatchObject({ code: 0, err: '' });
    await stage.restart();
    await until(
      'the store was looked through again',
      () => stage.pratique.log().includes('the store was looked through') || left() === 0,
    );
    // Files whose records were gone already when the kill came are found at the start, and wait for the next round.
    await cache('prune', '--unreferenced');
    await until('all are gone', () => left() === 0);
    await expectWhole('hosted/team/kept', kept);
    const blobs = join(stage.pratique.dataDir, 'store', 'blobs', 'sha256');
    const files = readdirSync(blobs).flatMap((shard) => readdirSync(join(blobs, shard)));
    expect(files.length).toBeLessThan(100);
    const { blobs: recorded } = JSON.parse(await cache('status', '--format', 'json')) as { blobs: number };
    expect(recorded).toBe(files.length);
    expect((await stage.pull('team/app', 'b')).status).toBe(200);
  }, 90_000);
});

describe('pushes and deletes of the same blobs beside rounds that collect them', () => {
  it('never leave a manifest whose blob is gone', async () => {
    const beside = openStateBeside(join(stage.pratique.dataDir, 'state.db'));
    const shared = ['x', 'y', 'z'].map((name, at) => withFile(name, 3000, at));
    let [taken, late] = [0, 0];
    const until = Date.now() + 10_000;
    const work = async (worker: number): Promise<void> => {
      const random = randomOf(2026 + worker);
      const repository = `hosted/stress/w${worker}`;
      let there: Built | null = null;
      while (Date.now() < until) {
        const built = shared[Math.floor(random() * shared.length)] ?? kept;
        if (random() < 0.3) await sleep(random() * 1500);
        for (const [digest, bytes] of built.blobs) {
          expect((await ci.blob(repository, digest, bytes)).status).toBe(201);
        }
        if (random() < 0.3) await sleep(random() * 1500);
        const put = await ci.manifest(repository, 'latest', built.manifest);
        if (put.status === 201) {
          taken += 1;
          there = built;
        } else {
          // What was pushed and not named within the grace may have gone: that is said, and it is pushed again.
          expect(put.code).toBe('MANIFEST_BLOB_UNKNOWN');
          late += 1;
        }
        // What an earlier round has left is whole too, whatever went since.
        if (there !== null) await expectWhole(repository, there);
        if (random() < 0.6 && there !== null) {
          const gone = await ci.ask(`/v2/${repository}/manifests/${there.manifest.digest}`, {
            method: 'DELETE',
          });
          expect(gone.status).toBe(202);
          for (const digest of random() < 0.5 ? blobsIn(there) : []) {
            await ci.ask(`/v2/${repository}/blobs/${digest}`, { method: 'DELETE' });
          }
          there = null;
        }
      }
      if (there !== null) await expectWhole(repository, there);
    };
    // Without any grace: what was pushed and is not named yet may go at once.
    const prune = async (): Promise<void> => {
      while (Date.now() < until) {
        const at = Date.now();
        const order = { kind: 'prune', dryRun: false, unreferenced: true, to: null, usedBefore: at } as const;
        beside.askCache({ ...order, claimedBefore: at + 1 }, new Date(at).toISOString());
        await sleep(500);
      }
    };
    try {
      await Promise.all([prune(), ...[1, 2, 3].map(work)]);
    } finally {
      beside.close();
    }
    expect(taken).toBeGreaterThan(3);
    process.stdout.write(`cache stress: seed 2026, ${taken} manifests taken, ${late} came late\n`);
    expect(stage.pratique.log()).toContain('blobs were removed from the cache');
    await expectWhole('hosted/team/kept', kept);
  }, 90_000);
});
