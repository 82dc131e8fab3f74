import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { buildImage, sha256 } from '../test/support/images.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { type Fault, startUpstream, type Upstream } from '../test/support/upstream.ts';
import { type BlobStore, openBlobStore } from './blob-store.ts';
import { downloadBlob } from './download.ts';
import { createUpstreamClient, type UpstreamClient } from './upstream/client.ts';

const image = buildImage({ layers: [{ tar: Buffer.alloc(2_000_000, 'pratique '), compression: 'none' }] });
const layer = image.layers[0] ?? { digest: sha256(''), bytes: Buffer.alloc(0) };
const descriptor = { digest: layer.digest, size: layer.bytes.length };
const blobPath = `/v2/a/blobs/${layer.digest}`;

let upstream: Upstream;
let client: UpstreamClient;
let store: BlobStore;
let folder = '';

async function start(): Promise<void> {
  upstream = await startUpstream({ repositories: { a: { latest: image } } });
  client = createUpstreamClient({
    name: 'corp',
    namespace: 'corp',
    url: upstream.url,
    credentials: null,
    timeouts: { headers: 300, idle: 300 },
  });
  folder = temporaryDirectory();
  store = openBlobStore(folder);
}
afterEach(async () => {
  await client.close();
  await upstream.close();
});

it('brings each byte once: to disk and to the listener', async () => {
  await start();
  const seen: Uint8Array[] = [];
  await downloadBlob({ client, store, path: 'a', descriptor, onChunk: (chunk) => void seen.push(chunk) });
  expect(Buffer.concat(seen).equals(layer.bytes)).toBe(true);
  expect(Buffer.from(await store.bytes(layer.digest)).equals(layer.bytes)).toBe(true);
  expect(upstream.count(blobPath)).toBe(1);
  expect(upstream.bytesSent(blobPath)).toBe(layer.bytes.length);
});

describe('leaves nothing behind', () => {
  it.each<[string, Fault, string]>([
    ['a cut', { cutAfter: 100_000 }, 'blob-truncated'],
    ['wrong bytes', { corrupt: true }, 'digest-mismatch'],
    ['more bytes', { append: Buffer.from('x') }, 'digest-mismatch'],
    ['fewer bytes', { body: 'short' }, 'digest-mismatch'],
    ['fewer bytes, unannounced', { body: 'short', chunked: true }, 'blob-truncated'],
    ['a web page', { html: true }, 'upstream-misbehaved'],
    ['404', { status: 404 }, 'blob-unknown'],
    ['silence', { stall: 3000 }, 'blob-truncated'],
  ])('%s', async (_what, fault, code) => {
    await start();
    upstream.fault(blobPath, fault);
    await expect(downloadBlob({ client, store, path: 'a', descriptor })).rejects.toMatchObject({ code });
    expect(await store.has(layer.digest)).toBe(false);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });

  it('an abort', async () => {
    await start();
    upstream.fault(blobPath, { bytesPerSecond: 100_000 });
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('enough')), 100);
    await expect(
      downloadBlob({ client, store, path: 'a', descriptor, signal: abort.signal }),
    ).rejects.toThrow('enough');
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });
});

it('asks for nothing that is too large', async () => {
  await start();
  const limits = { bytes: 1_999_999 };
  await expect(downloadBlob({ client, store, path: 'a', descriptor, limits })).rejects.toMatchObject({
    code: 'limit-exceeded',
  });
  expect(upstream.requests).toHaveLength(0);
});
