import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { blobsIn, debian, noise, openStage, type Stage } from './stage.ts';

/** An image whose one big layer comes at a rate of its own. */
const slow = (note: string) =>
  debian('curl', '7.88-1', note, { layers: [{ files: [{ path: 'big', content: noise(60_000) }] }] });
const images = {
  shared: slow('shared'),
  paced: slow('paced'),
  docker: slow('docker'),
  left: slow('left'),
  throttled: slow('throttled'),
  quick: debian('curl', '7.88-1', 'quick'),
};
/** The big layer is the same in all; the first one tells them apart. */
const noteOf = (name: keyof typeof images): string => images[name].layers[0]?.digest ?? '';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    repositories: Object.fromEntries(
      Object.entries(images).map(([name, image]) => [name, { latest: image }]),
    ),
    config: { gate: { hold: '1s', dockerHold: '20s' } },
  });
});
afterAll(() => stage.close());

describe('twenty clients at once', () => {
  it('are answered from one fetch of every byte', async () => {
    const { shared } = images;
    stage.upstream.forgetRequests();
    const answers = await Promise.all(Array.from({ length: 20 }, () => stage.pull('shared', 'latest')));
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(stage.upstream.count(/manifests/, 'GET')).toBe(1);
    for (const [digest, bytes] of shared.blobs) {
      const path = `/v2/shared/blobs/${digest}`;
      expect([path, stage.upstream.count(path, 'GET')]).toEqual([path, 1]);
      expect([path, stage.upstream.bytesSent(path)]).toEqual([path, bytes.length]);
    }
  });
});

describe('while an image is inspected', () => {
  it('a client is held, then told to come back, and served later', async () => {
    const release = stage.upstream.fault(`/v2/paced/blobs/${noteOf('paced')}`, { delay: 2500 });
    const started = Date.now();
    const first = await stage.get('paced/manifests/latest');
    const held = Date.now() - started;
    expect(first).toMatchObject({
      status: 429,
      code: 'TOOMANYREQUESTS',
      message: expect.stringMatching(/not cleared yet/),
      headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) },
    });
    expect(held).toBeGreaterThan(900);
    expect(held).toBeLessThan(2400);
    expect((await stage.head('paced/manifests/latest')).status).toBe(429);
    expect(await eventually(() => stage.get('paced/manifests/latest'))).toBe(200);
    expect(stage.upstream.count(`/v2/paced/blobs/${noteOf('paced')}`, 'GET')).toBe(1);
    release();
  });

  it('dockerd, which gives up at a 429, is held on', async () => {
    const release = stage.upstream.fault(`/v2/docker/blobs/${noteOf('docker')}`, { delay: 2500 });
    const headers = { 'User-Agent': 'docker/24.0.7 go/go1.20' };
    expect((await stage.get('docker/manifests/latest', { headers })).status).toBe(200);
    release();
  });

  it('a client that leaves ends nothing', async () => {
    const release = stage.upstream.fault(`/v2/left/blobs/${noteOf('left')}`, { delay: 1000 });
    const leaving = stage.get('left/manifests/latest', { signal: AbortSignal.timeout(300) });
    await expect(leaving).rejects.toThrow('abort');
    await sleep(1500);
    stage.upstream.forgetRequests();
    expect((await stage.get('left/manifests/latest')).status).toBe(200);
    expect(stage.upstream.count(/blobs/, 'GET')).toBe(0);
    release();
  });

  it('an upstream that does not answer keeps nobody longer', async () => {
    stage.upstream.put('silent', 'latest', debian('curl', '7.88-1', 'silent'));
    const release = stage.upstream.fault('/v2/silent/manifests/latest', { delay: 2500 }, { times: 1 });
    const started = Date.now();
    expect(await stage.get('silent/manifests/latest')).toMatchObject({
      status: 429,
      message: expect.stringContaining('registry.corp was asked, and has not answered yet'),
    });
    expect(Date.now() - started).toBeLessThan(2400);
    expect(await eventually(() => stage.get('silent/manifests/latest'))).toBe(200);
    expect(stage.upstream.count('/v2/silent/manifests/latest', 'HEAD')).toBeLessThanOrEqual(2);
    release();
  });

  it('another image is not kept waiting by it', async () => {
    // Longer than the other one is waited for: who stood in line behind it would not be served.
    const release = stage.upstream.fault(/^\/v2\/throttled\/blobs/, { delay: 20_000 });
    const waiting = stage.get('throttled/manifests/latest');
    expect(await eventually(() => stage.get('quick/manifests/latest'))).toBe(200);
    expect((await waiting).status).toBe(429);
    expect((await stage.get('throttled/manifests/latest')).status).toBe(429);
    release();
  });
});

it('an upstream that asks to come back later is quoted', async () => {
  const image = debian('curl', '7.88-1', 'limits');
  stage.upstream.put('limits', 'latest', image);
  const manifests = stage.upstream.fault(/^\/v2\/limits\/manifests/, {
    status: 429,
    headers: { 'retry-after': '7' },
  });
  expect(await stage.get('limits/manifests/latest')).toMatchObject({
    status: 429,
    headers: { 'retry-after': '7' },
  });
  manifests();
  const blobs = stage.upstream.fault(/^\/v2\/limits\/blobs/, {
    status: 429,
    headers: { 'retry-after': '9' },
  });
  expect(await stage.get('limits/manifests/latest')).toMatchObject({
    status: 429,
    headers: { 'retry-after': '9' },
  });
  blobs();
  expect(await eventually(() => stage.get('limits/manifests/latest'))).toBe(200);
  expect(blobsIn(image)).toHaveLength(2);
});

/** The status once it is no longer 429, or after ten seconds. */
async function eventually(request: () => Promise<{ readonly status: number }>): Promise<number> {
  const end = Date.now() + 10_000;
  for (;;) {
    const { status } = await request();
    if (status !== 429 || Date.now() > end) return status;
    await sleep(200);
  }
}
