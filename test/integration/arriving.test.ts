import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask } from './client.ts';
import { bad, debian, noise, openStage, type Stage } from './stage.ts';

/** Bindings that do not enforce: what arrives is handed on while it arrives. */

const names = ['open', 'shared', 'left', 'part', 'wrong', 'cut', 'watched', 'guessed', 'seen'] as const;
type Name = (typeof names)[number];
const images = Object.fromEntries(
  names.map((name) => [
    name,
    debian('openssl', '3.0.1-1', name, { layers: [{ files: [{ path: name, content: noise(1_500_000) }] }] }),
  ]),
);

/** The second layer is large, and of this image alone. */
function layerOf(name: Name): { readonly digest: string; readonly bytes: Buffer; readonly path: string } {
  const digest = images[name]?.layers[1]?.digest;
  const bytes = digest === undefined ? undefined : images[name]?.blobs.get(digest);
  if (digest === undefined || bytes === undefined) throw new Error('an image without a layer');
  return { digest, bytes: Buffer.from(bytes), path: `/v2/${name}/blobs/${digest}` };
}

const policySet = `version: 1
name: by-mode
bindings:
  - { id: kept, images: [registry.corp/kept, registry.corp/seen], policy: baseline }
  - { id: watched, images: [registry.corp/watched], policy: baseline, mode: audit }
  - { id: everything, policy: baseline, mode: "off" }
`;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    repositories: {
      ...Object.fromEntries(names.map((name) => [name, { latest: images[name] ?? bad }])),
      kept: { latest: bad },
    },
    policy: policySet,
    config: { log: { access: true } },
  });
});
afterAll(() => stage.close());

interface Stream {
  readonly status: number;
  readonly bytes: Buffer;
  /** Whether it came to its end. */
  readonly whole: boolean;
}

/** Reads a body; `leaveAfter` bytes the connection is ended, and `onBytes` is told how many there are so far. */
function stream(
  path: string,
  options: {
    readonly range?: string;
    readonly leaveAfter?: number;
    readonly onBytes?: (count: number) => void;
  },
): Promise<Stream> {
  const url = new URL(`/v2${path.slice('/v2'.length).replace(/^\//, '/corp/')}`, stage.pratique.registry);
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { agent: false, headers: options.range === undefined ? {} : { Range: options.range } },
      (response) => {
        const parts: Buffer[] = [];
        let count = 0;
        const done = (whole: boolean): void =>
          resolve({ status: response.statusCode ?? 0, bytes: Buffer.concat(parts), whole });
        response.on('data', (part: Buffer) => {
          parts.push(part);
          count += part.length;
          options.onBytes?.(count);
          if (count >= (options.leaveAfter ?? Number.POSITIVE_INFINITY)) sent.destroy();
        });
        response.on('end', () => done(true));
        response.on('error', () => done(false));
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

/** Time between the first bytes and the last one, milliseconds. */
async function timed(
  path: string,
  range?: string,
): Promise<Stream & { readonly first: number; readonly last: number }> {
  const started = performance.now();
  let first = 0;
  const got = await stream(path, {
    ...(range === undefined ? {} : { range }),
    onBytes: () => {
      if (first === 0) first = performance.now() - started;
    },
  });
  return { ...got, first, last: performance.now() - started };
}

describe('where the gate is off', () => {
  it('a refused image is served without a look, and without a word', async () => {
    expect((await stage.pull('open', 'latest')).status).toBe(200);
    const manifest = await stage.get('open/manifests/latest');
    expect(manifest.headers.warning).toBeUndefined();
  });

  it('and elsewhere it is refused as ever, its blobs too', async () => {
    expect((await stage.get('kept/manifests/latest')).status).toBe(403);
    const [layer] = bad.layers;
    expect((await stage.get(`kept/blobs/${layer?.digest ?? ''}`)).status).toBe(403);
  });

  it('a blob is served by its digest alone, as far as the upstream has it', async () => {
    const { digest, bytes } = layerOf('guessed');
    expect((await stage.get(`guessed/blobs/${digest}`)).body.equals(bytes)).toBe(true);
    expect((await stage.head(`guessed/blobs/${digest}`)).headers['content-length']).toBe(
      String(bytes.length),
    );
    const foreign = await stage.get(`guessed/blobs/${layerOf('open').digest}`);
    expect(foreign).toMatchObject({ status: 404, code: 'BLOB_UNKNOWN' });
  });
});

describe('a blob that is still arriving', () => {
  it('is handed to all who wait as it comes, and downloaded once', async () => {
    const { path, bytes } = layerOf('shared');
    const release = stage.upstream.fault(path, { stall: 2000 });
    const streams = await Promise.all(Array.from({ length: 8 }, () => timed(path)));
    release();
    for (const one of streams) {
      expect(one.status).toBe(200);
      expect(one.bytes.equals(bytes)).toBe(true);
      expect(one.last - one.first).toBeGreaterThan(1000);
    }
    expect(stage.upstream.count(path, 'GET')).toBe(1);
  });

  it('goes on for the others when the first client leaves', async () => {
    const { path, bytes } = layerOf('left');
    const release = stage.upstream.fault(path, { stall: 1500 });
    const leaving = stream(path, { leaveAfter: 1000 });
    const staying = timed(path);
    expect((await leaving).whole).toBe(false);
    expect((await staying).bytes.equals(bytes)).toBe(true);
    release();
    expect(stage.upstream.count(path, 'GET')).toBe(1);
  });

  it('gives ranges of itself, and of what has not come yet', async () => {
    const { path, bytes } = layerOf('part');
    const release = stage.upstream.fault(path, { stall: 1500 });
    const [early, late, last] = await Promise.all([
      timed(path, 'bytes=10-99'),
      timed(path, 'bytes=1400000-1400099'),
      timed(path, 'bytes=-7'),
    ]);
    release();
    expect([early.status, late.status, last.status]).toEqual([206, 206, 206]);
    expect(early.bytes.equals(bytes.subarray(10, 100))).toBe(true);
    expect(late.bytes.equals(bytes.subarray(1_400_000, 1_400_100))).toBe(true);
    expect(last.bytes.equals(bytes.subarray(-7))).toBe(true);
    expect(stage.upstream.count(path, 'GET')).toBe(1);
  });

  it.each([
    ['wrong', { corrupt: true }],
    ['cut', { cutAfter: 50_000 }],
  ] as const)('that turns out %s is never handed over whole, and not kept', async (name, fault) => {
    const { path, bytes } = layerOf(name);
    // Cut more often than the rest of it is asked for.
    const release = stage.upstream.fault(path, fault);
    const got = await stream(path, {});
    // Before the first byte there is still an answer to be given; after it the connection is cut.
    expect(got.status === 403 || !got.whole).toBe(true);
    expect(got.bytes.length).toBeLessThan(bytes.length);
    release();
    expect((await stream(path, {})).bytes.equals(bytes)).toBe(true);
  });
});

describe('who watches', () => {
  it('sees how far a pull is, what was served from where, and a line for each answer', async () => {
    const { path, bytes } = layerOf('seen');
    const release = stage.upstream.fault(path, { stall: 2500 });
    const pulling = stage.get('seen/manifests/latest');
    let arrived = 0;
    for (let tries = 0; tries < 200 && arrived < 100_000; tries += 1) {
      await sleep(20);
      const { pulls } = JSON.parse(
        (await ask(stage.pratique.management, '/api/v1/pulls')).body.toString(),
      ) as {
        pulls: { image: string; layers: object; bytes: { arrived: number } }[];
      };
      arrived = pulls.find(({ image }) => image === 'registry.corp/seen')?.bytes.arrived ?? 0;
    }
    expect(arrived).toBeGreaterThan(100_000);
    expect(arrived).toBeLessThan(bytes.length);
    const during = (await ask(stage.pratique.management, '/metrics')).body.toString();
    expect(during).toContain('pratique_registry_held_requests{upstream="corp"} 1');
    expect((await pulling).status).toBe(403);
    release();
    const after = (await ask(stage.pratique.management, '/metrics')).body.toString();
    expect(after).toContain('pratique_registry_held_requests{upstream="corp"} 0');
    expect(after).toMatch(/pratique_registry_held_seconds_count\{upstream="corp"\} [1-9]/);
    expect(after).toMatch(
      /pratique_registry_served_bytes_total\{kind="blob",upstream="corp",source="upstream"\} [1-9]\d{6}/,
    );
    const lines = (): string[] =>
      stage.pratique
        .log()
        .split('\n')
        .filter((one) => one.includes('"msg":"access"') && one.includes('/v2/corp/seen/manifests/latest'));
    for (let tries = 0; tries < 100 && lines().length === 0; tries += 1) await sleep(50);
    const [line] = lines();
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      kind: 'manifest',
      method: 'GET',
      status: 403,
      upstream: 'corp',
      user: null,
      heldMilliseconds: expect.any(Number),
    });
  });
});

describe('a binding that only records', () => {
  it('lets nobody wait for the inspection', async () => {
    const { path } = layerOf('watched');
    const release = stage.upstream.fault(path, { stall: 3000 });
    const started = performance.now();
    const manifest = await stage.get('watched/manifests/latest');
    expect(manifest.status).toBe(200);
    expect(performance.now() - started).toBeLessThan(2500);
    expect((await timed(path)).status).toBe(200);
    release();
    expect(stage.upstream.count(path, 'GET')).toBe(1);
  });
});
