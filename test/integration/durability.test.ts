import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { digestHex } from '../../core/digest.ts';
import { sha256 } from '../support/images.ts';
import { importFeeds } from '../support/pratique.ts';
import { ask } from './client.ts';
import { bad, blobsIn, clean, debian, laterFeeds, noise, openStage, type Stage } from './stage.ts';

let stage: Stage | null = null;
afterEach(async () => {
  await stage?.close();
  stage = null;
});

describe('after a restart', () => {
  it('earlier verdicts are there, and nothing is asked of the upstream again', async () => {
    stage = await openStage({ repositories: { 'team/app': { clean, bad } } });
    expect((await stage.pull('team/app', 'clean')).status).toBe(200);
    expect((await stage.get('team/app/manifests/bad')).status).toBe(403);
    await stage.restart();
    await stage.upstream.close();
    for (const [image, status] of [
      [clean, 200],
      [bad, 403],
    ] as const) {
      const { digest } = image.manifest;
      expect([digest, await statusInRecords(stage, digest)]).toEqual([
        digest,
        status === 200 ? 'pass' : 'fail',
      ]);
      expect([digest, (await stage.get(`team/app/manifests/${digest}`)).status]).toEqual([digest, status]);
      for (const blob of blobsIn(image)) {
        expect([blob, (await stage.get(`team/app/blobs/${blob}`)).status]).toEqual([blob, status]);
      }
    }
  });

  it('a stricter policy holds at once, from what is recorded', async () => {
    stage = await openStage({ repositories: { 'team/app': { clean, bad } }, policy: policy('rules: []') });
    expect((await stage.pull('team/app', 'bad')).status).toBe(200);
    stage.upstream.forgetRequests();
    await stage.restart('SIGTERM', { policy: policy(denyCritical) });
    expect((await stage.get('team/app/manifests/bad')).status).toBe(403);
    for (const digest of blobsIn(bad)) {
      expect([digest, (await stage.get(`team/app/blobs/${digest}`)).status]).toEqual([digest, 403]);
    }
    expect(stage.upstream.count(/blobs/)).toBe(0);
  });
});

describe('kill -9 in the middle of a first pull', () => {
  it('leaves no half blob, no lost verdict, and a pull that works', async () => {
    const slow = debian('curl', '7.88-1', 'slow', {
      layers: [{ files: [{ path: 'b', content: noise(400_000) }] }],
    });
    stage = await openStage({ repositories: { 'team/app': { clean, slow } } });
    expect((await stage.pull('team/app', 'clean')).status).toBe(200);
    const big = slow.layers[1]?.digest ?? '';
    const release = stage.upstream.fault(`/v2/team/app/blobs/${big}`, { bytesPerSecond: 40_000 });
    const cut = expect(stage.get('team/app/manifests/slow')).rejects.toThrow(/ECONNRESET|socket hang up/);
    const store = join(stage.pratique.dataDir, 'store');
    await until(
      () => stage?.upstream.count(`/v2/team/app/blobs/${big}`, 'GET') === 1 && unfinished(store) > 0,
    );
    await sleep(500);
    await stage.pratique.stop('SIGKILL');
    await cut;
    expect(unfinished(store)).toBeGreaterThan(0);
    await stage.restart();
    release();
    expect(unfinished(store)).toBe(0);
    expect(await statusInRecords(stage, clean.manifest.digest)).toBe('pass');
    expect(await statusInRecords(stage, slow.manifest.digest)).toBeNull();
    expectWholeBlobs(store, 2);
    expect((await stage.pull('team/app', 'slow')).status).toBe(200);
    expect(unfinished(store)).toBe(0);
    expectWholeBlobs(store, new Set([...blobsIn(clean), ...blobsIn(slow)]).size);
  });
});

describe('a verdict that turns bad', () => {
  it('by advisories that are imported beside the running server', async () => {
    stage = await openStage({ repositories: { 'team/app': { clean } } });
    expect((await stage.pull('team/app', 'clean')).status).toBe(200);
    const pulled = stage.upstream.count(/blobs/);
    await importFeeds(stage.dir, laterFeeds);
    const { digest } = clean.manifest;
    await until(async () => (await stage?.get(`team/app/manifests/${digest}`))?.status === 403, 8000);
    expect((await stage.get(`team/app/manifests/${digest}`)).message).toContain('CVE-2026-1003');
    for (const blob of blobsIn(clean)) {
      expect([blob, (await stage.get(`team/app/blobs/${blob}`)).status]).toEqual([blob, 403]);
    }
    expect(stage.upstream.count(/blobs/)).toBe(pulled);
  });

  it('by an exception that ends', async () => {
    const ends = new Date(Math.ceil(Date.now() / 1000) * 1000 + 12_000);
    const exception = `{ advisory: CVE-2026-1001, reason: not called, author: ada, expires: "${ends.toISOString().slice(0, 19)}Z" }`;
    stage = await openStage({
      repositories: { 'team/app': { bad } },
      policy: policy(`${denyCritical}\nexceptions: [${exception}]`),
    });
    expect((await stage.pull('team/app', 'bad')).status).toBe(200);
    await sleep(ends.getTime() - Date.now() + 100);
    const answer = await stage.get('team/app/manifests/bad');
    expect(answer).toMatchObject({ status: 403, message: expect.stringMatching(/CVE-2026-1001/) });
    for (const blob of blobsIn(bad)) {
      expect([blob, (await stage.get(`team/app/blobs/${blob}`)).status]).toEqual([blob, 403]);
    }
  });
});

const denyCritical =
  'rules: [{ id: critical, action: deny, when: { severity: { atLeast: critical, unknown: false } } }]';

function policy(rest: string): string {
  return `version: 1\nname: test\n${rest}\n`;
}

async function statusInRecords({ pratique }: Stage, digest: string): Promise<string | null> {
  const answer = await ask(pratique.management, `/api/v1/verdicts/${digest}`);
  if (answer.status === 404) return null;
  return (JSON.parse(answer.body.toString()) as { verdict: { status: string } }).verdict.status;
}

function unfinished(store: string): number {
  return readdirSync(join(store, 'tmp')).length;
}

/** Every blob in the store is what its name says. */
function expectWholeBlobs(store: string, atLeast: number): void {
  const files = readdirSync(join(store, 'blobs'), { recursive: true, encoding: 'utf8' })
    .map((name) => join(store, 'blobs', name))
    .filter((file) => statSync(file).isFile());
  expect(files.length).toBeGreaterThanOrEqual(atLeast);
  for (const file of files) expect(file.endsWith(digestHex(sha256(readFileSync(file))))).toBe(true);
}

/** Waits until it is so; fails when it is not by then. */
async function until(condition: () => boolean | Promise<boolean>, milliseconds = 5000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not so within ${milliseconds} ms`);
    await sleep(50);
  }
}
