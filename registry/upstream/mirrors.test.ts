import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { buildImage, sha256 } from '../../test/support/images.ts';
import { type Fault, startUpstream, type Upstream } from '../../test/support/upstream.ts';
import { createUpstreamClient, type UpstreamClient } from './client.ts';
import type { MirrorConfig, UpstreamConfig } from './config.ts';
import type { UpstreamEvent } from './observer.ts';

const image = buildImage({ layers: [{ tar: Buffer.alloc(300_000, 'pratique ') }] });
const other = buildImage({ layers: [{ tar: Buffer.alloc(1000, 'other ') }] });
const layer = image.layers[0] ?? { digest: sha256(''), bytes: Buffer.alloc(0) };
const { digest } = image.manifest;
const tag = { kind: 'tag', tag: 'latest' } as const;
const byDigest = { kind: 'digest', digest } as const;
const blobPath = `/v2/org/app/blobs/${layer.digest}`;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function registry(tags: Record<string, typeof image> = { latest: image }): Promise<Upstream> {
  const upstream = await startUpstream({ repositories: { 'org/app': tags } });
  closers.push(() => upstream.close());
  return upstream;
}

function open(
  primary: Upstream,
  mirrors: readonly (Pick<MirrorConfig, 'url'> & Partial<MirrorConfig>)[],
  more: Partial<UpstreamConfig> = {},
  now: () => number = Date.now,
): { client: UpstreamClient; events: UpstreamEvent[] } {
  const events: UpstreamEvent[] = [];
  const client = createUpstreamClient(
    {
      name: 'corp',
      namespace: 'registry.corp',
      url: primary.url,
      credentials: null,
      timeouts: { connect: 500, headers: 300, idle: 300, manifest: 900 },
      mirrors: mirrors.map((mirror) => ({ credentials: null, tags: false, ...mirror })),
      ...more,
    },
    { now, observe: (event) => events.push(event) },
  );
  closers.push(() => client.close());
  return { client, events };
}

async function read(client: UpstreamClient): Promise<Buffer> {
  const { body } = await client.openBlob('org/app', layer.digest);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('who is asked', () => {
  it('mirrors in their order for content, the upstream alone for what a tag means', async () => {
    const [primary, first, second] = [await registry(), await registry({ latest: other }), await registry()];
    const { client } = open(primary, [first, second]);
    expect(await client.headManifest('org/app', tag)).toMatchObject({ digest });
    expect(await client.getManifest('org/app', byDigest)).toMatchObject({ digest });
    expect((await read(client)).equals(layer.bytes)).toBe(true);
    expect(first.requests.map(({ path }) => path)).toEqual([`/v2/org/app/manifests/${digest}`, blobPath]);
    expect(second.requests).toHaveLength(2);
    expect(primary.requests.map(({ path }) => path)).toEqual(['/v2/org/app/manifests/latest']);
  });

  it('a mirror that speaks for tags, and the upstream where it has none', async () => {
    const [primary, mirror] = [await registry(), await registry({ latest: other })];
    const { client } = open(primary, [{ ...mirror, tags: true }]);
    expect(await client.headManifest('org/app', tag)).toMatchObject({ digest: other.manifest.digest });
    mirror.remove('org/app', other.manifest.digest);
    expect(await client.headManifest('org/app', tag)).toMatchObject({ digest });
  });

  it('credentials of the upstream are not shown to a mirror', async () => {
    const credentials = { username: 'u', password: 'p' };
    const [primary, mirror] = [await registry(), await registry()];
    mirror.fault(/./, { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } });
    const { client } = open(primary, [mirror], { credentials });
    expect(await client.getManifest('org/app', byDigest)).toMatchObject({ digest });
    expect(mirror.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

describe('a mirror that fails', () => {
  it.each<[string, Fault, boolean]>([
    ['does not have it', { status: 404 }, false],
    ['refuses', { status: 403 }, false],
    ['is broken', { status: 503 }, true],
    ['asks to come back', { status: 429, headers: { 'retry-after': '20' } }, true],
    ['breaks connections', { reset: true }, true],
    ['says nothing', { delay: 5000 }, true],
    ['gives something else', { corrupt: true }, true],
    ['gives a web page', { html: true }, true],
    ['leads in a circle', { redirect: `/v2/org/app/manifests/${digest}` }, true],
  ])('%s: the next one is asked', async (_what, fault, rests) => {
    const [primary, mirror] = [await registry(), await registry()];
    mirror.fault(/./, fault);
    let now = 0;
    const { client, events } = open(primary, [mirror], {}, () => now);
    expect(await client.getManifest('org/app', byDigest)).toMatchObject({ digest });
    const asked = mirror.requests.length;
    expect(await client.getManifest('org/app', byDigest)).toMatchObject({ digest });
    expect(mirror.requests.length > asked).toBe(!rests);
    expect(events.some(({ kind }) => kind === 'cooling')).toBe(rests);
    now += 20_000;
    await client.getManifest('org/app', byDigest);
    expect(mirror.requests.length).toBeGreaterThan(asked);
  });

  it('when all fail, the word of the upstream itself is the last', async () => {
    const [primary, mirror] = [await registry(), await registry()];
    mirror.fault(/./, { status: 500 });
    primary.fault(/./, { status: 404 });
    const { client } = open(primary, [mirror]);
    await expect(client.getManifest('org/app', byDigest)).rejects.toMatchObject({
      code: 'manifest-unknown',
      message: expect.stringContaining(primary.host),
    });
  });

  it('in the middle of a blob: it goes on elsewhere', async () => {
    const [primary, mirror] = [await registry(), await registry()];
    mirror.fault(blobPath, { cutAfter: 100 }, { times: 1 });
    mirror.fault(blobPath, { status: 503 });
    const { client, events } = open(primary, [mirror]);
    expect((await read(client)).equals(layer.bytes)).toBe(true);
    expect(primary.requests.at(-1)?.headers.range).toBe('bytes=100-');
    expect(events.filter(({ kind }) => kind === 'resumed')).toHaveLength(1);
  });

  it('gave bytes that turned out to be others: it rests', async () => {
    const [primary, mirror] = [await registry(), await registry()];
    mirror.fault(blobPath, { corrupt: true });
    const { client, events } = open(primary, [mirror]);
    const blob = await client.openBlob('org/app', layer.digest);
    const failure = Object.assign(new Error('other'), {
      name: 'PratiqueError',
      code: 'digest-mismatch',
      fields: {},
    });
    for await (const _chunk of blob.body);
    blob.rejected?.(failure);
    expect(events.at(-1)).toMatchObject({ kind: 'cooling', place: mirror.host });
    expect((await read(client)).equals(layer.bytes)).toBe(true);
  });
});

describe('a blob that is cut', () => {
  it.each<[string, (upstream: Upstream) => void, string | null]>([
    ['once', (upstream) => upstream.fault(blobPath, { cutAfter: 50 }, { times: 1 }), null],
    ['three times', (upstream) => upstream.fault(blobPath, { cutAfter: 50 }, { times: 3 }), null],
    ['again and again', (upstream) => upstream.fault(blobPath, { cutAfter: 50 }), 'blob-truncated'],
    ['before its first byte', (upstream) => upstream.fault(blobPath, { cutAfter: 0 }, { times: 1 }), null],
    [
      'before its first byte, again and again',
      (upstream) => upstream.fault(blobPath, { cutAfter: 0 }),
      'blob-truncated',
    ],
    [
      'by one who begins anew',
      (upstream) => {
        upstream.fault(blobPath, { cutAfter: 50 }, { times: 1 });
        upstream.fault(blobPath, { redirect: '/v2/org/app/manifests/latest' });
      },
      'blob-truncated',
    ],
    [
      'by one who goes on elsewhere',
      (upstream) => {
        upstream.fault(blobPath, { cutAfter: 50 }, { times: 1 });
        upstream.fault(blobPath, { headers: { 'content-range': `bytes 0-99/${layer.bytes.length}` } });
      },
      'blob-truncated',
    ],
  ])('%s', async (_what, breakIt, code) => {
    const primary = await registry();
    breakIt(primary);
    const { client } = open(primary, []);
    if (code === null) expect((await read(client)).equals(layer.bytes)).toBe(true);
    else await expect(read(client)).rejects.toMatchObject({ code });
  });

  it('before anybody has read of it begins anew: what had come is gone with its connection', async () => {
    const primary = await registry();
    primary.fault(blobPath, { cutAfter: 50 }, { times: 1 });
    const { client, events } = open(primary, []);
    const blob = await client.openBlob('org/app', layer.digest);
    await sleep(300);
    const chunks: Uint8Array[] = [];
    for await (const chunk of blob.body) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(layer.bytes)).toBe(true);
    expect(events.filter(({ kind }) => kind === 'resumed')).toHaveLength(1);
  });

  it('goes on only with the very same bytes, where these have a name', async () => {
    const primary = await registry();
    primary.fault(blobPath, { cutAfter: 50, headers: { etag: '"one"' } }, { times: 1 });
    await read(open(primary, []).client);
    expect(primary.requests.at(-1)?.headers).toMatchObject({ range: 'bytes=50-', 'if-range': '"one"' });
  });
});
