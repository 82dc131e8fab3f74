import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Descriptor } from '../core/image.ts';
import { openBlobStore } from '../registry/blob-store.ts';
import { createUpstreamClient, type UpstreamClient } from '../registry/upstream/client.ts';
import { defaultLayerLimits } from '../scanner/limits.ts';
import { buildImage, sha256, writeTar } from '../test/support/images.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { type Fault, startUpstream, type Upstream } from '../test/support/upstream.ts';
import { analyseStoredLayer, fetchLayer } from './layer-task.ts';

const tar = writeTar([{ path: 'etc/os-release', content: 'ID=debian\n' }]);
const whole = gzipSync(tar);
const broken = Buffer.concat([whole.subarray(0, 30), Buffer.alloc(30, 0xff)]);
const limits = defaultLayerLimits;

let upstream: Upstream;
let client: UpstreamClient;
beforeAll(async () => {
  upstream = await startUpstream();
  client = createUpstreamClient({ name: 'corp', namespace: 'corp', url: upstream.url, credentials: null });
});
afterAll(async () => {
  await client.close();
  await upstream.close();
});

function put(blob: Buffer): Descriptor {
  const image = buildImage({ layers: [{ blob, diffId: sha256(tar) }] });
  upstream.put('app', null, image);
  return { mediaType: '', digest: sha256(blob), size: blob.length, platform: null };
}

async function run(layer: Descriptor, fault: Fault = {}) {
  const folder = temporaryDirectory();
  const store = openBlobStore(folder);
  const release = upstream.fault(`/v2/app/blobs/${layer.digest}`, fault);
  const fetched = await Promise.allSettled([fetchLayer({ client, store, path: 'app', layer, limits })]);
  release();
  return {
    store,
    fetched: fetched[0],
    held: await store.has(layer.digest),
    unfinished: readdirSync(join(folder, 'tmp')),
  };
}

describe('fetchLayer', () => {
  it('stores the bytes and says what is in them, in one pass', async () => {
    const layer = put(whole);
    const { store, fetched, held } = await run(layer);
    expect([held, fetched]).toEqual([
      true,
      {
        status: 'fulfilled',
        value: { kind: 'analysed', analysis: expect.objectContaining({ diffId: sha256(tar), tar: true }) },
      },
    ]);
    const again = await analyseStoredLayer({ store, layer, limits });
    expect({ status: 'fulfilled', value: again }).toEqual(fetched);
  });

  it('of the right bytes that cannot be read gives that as a fact', async () => {
    const { fetched, held } = await run(put(broken));
    expect([held, fetched]).toEqual([
      true,
      {
        status: 'fulfilled',
        value: { kind: 'unreadable', error: expect.objectContaining({ code: 'layer-unreadable' }) },
      },
    ]);
  });

  it('of a layer over a limit gives that as a fact', async () => {
    const layer = put(whole);
    const store = openBlobStore(temporaryDirectory());
    const few = { ...limits, uncompressedBytes: 100 };
    const outcome = await fetchLayer({ client, store, path: 'app', layer, limits: few });
    expect(outcome).toMatchObject({ kind: 'unreadable', error: { code: 'limit-exceeded' } });
  });

  // A blob that is cut goes on where it was cut, three times; these are cut more often.
  // Wrong bytes are often unreadable as well; that must never become a fact about the layer.
  const wrong: readonly (readonly [string, Buffer, Fault, RegExp])[] = [
    ['other bytes', whole, { corrupt: true }, /^digest-mismatch$/],
    ['other bytes for a layer that cannot be read anyway', broken, { corrupt: true }, /^digest-mismatch$/],
    ['fewer bytes', whole, { cutAfter: 5 }, /^blob-truncated$/],
    ['fewer bytes of a layer that cannot be read anyway', broken, { cutAfter: 5 }, /^blob-truncated$/],
    ['more bytes', whole, { append: Buffer.from('more') }, /^(digest-mismatch|limit-exceeded)$/],
    ['an error', whole, { status: 503 }, /^upstream-misbehaved$/],
    ['nothing', whole, { status: 404 }, /^blob-unknown$/],
  ];
  it.each(wrong)('rejects %s, and stores nothing', async (_what, blob, fault, code) => {
    const { fetched, held, unfinished } = await run(put(blob), fault);
    expect([held, unfinished, fetched]).toEqual([
      false,
      [],
      { status: 'rejected', reason: expect.objectContaining({ code: expect.stringMatching(code) }) },
    ]);
  });
});
