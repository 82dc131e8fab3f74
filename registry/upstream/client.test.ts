import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { buildImage, buildIndex, sha256, sha512 } from '../../test/support/images.ts';
import { selfSignedCertificate } from '../../test/support/tls.ts';
import {
  type Fault,
  startUpstream,
  type Upstream,
  type UpstreamOptions,
} from '../../test/support/upstream.ts';
import { manifestLimit } from '../manifest.ts';
import { createUpstreamClient, type UpstreamClient } from './client.ts';
import type { UpstreamConfig } from './config.ts';

const image = buildImage({ layers: [{ tar: Buffer.alloc(300_000, 'pratique ') }] });
const index = buildIndex([image]);
const layer = image.layers[0] ?? { digest: sha256(''), bytes: Buffer.alloc(0) };
const tag = { kind: 'tag', tag: 'latest' } as const;
const byDigest = { kind: 'digest', digest: index.manifest.digest } as const;
const manifestPath = '/v2/org/app/manifests/latest';
const blobPath = `/v2/org/app/blobs/${layer.digest}`;
const absent = sha256('absent');

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(
  options: UpstreamOptions = {},
  config: Partial<UpstreamConfig> = {},
): Promise<{ upstream: Upstream; client: UpstreamClient }> {
  const upstream = await startUpstream({ repositories: { 'org/app': { latest: index } }, ...options });
  const client = createUpstreamClient({
    name: 'corp',
    namespace: 'registry.corp',
    url: upstream.url,
    credentials: null,
    timeouts: { connect: 500, headers: 300, idle: 300, manifest: 900 },
    ...config,
  });
  closers.push(
    () => upstream.close(),
    () => client.close(),
  );
  return { upstream, client };
}

async function read(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('what is there', () => {
  it('a manifest by tag and by digest, asked for in every dialect', async () => {
    const { upstream, client } = await start();
    const { digest, mediaType, bytes } = index.manifest;
    expect(await client.headManifest('org/app', tag)).toEqual({
      digest,
      mediaType,
      size: bytes.length,
      etag: `"${digest}"`,
      isUnchanged: false,
    });
    for (const pointer of [tag, byDigest]) {
      const found = await client.getManifest('org/app', pointer);
      expect(found).toMatchObject({ digest, mediaType });
      expect(Buffer.from(found.bytes).equals(bytes)).toBe(true);
    }
    expect(upstream.requests[0]?.headers.accept?.split(', ')).toHaveLength(4);
  });

  it('a blob', async () => {
    const { client } = await start();
    expect(await client.headBlob('org/app', layer.digest)).toEqual({ size: layer.bytes.length });
    expect(await client.headBlob('org/app', absent)).toBeNull();
    const blob = await client.openBlob('org/app', layer.digest);
    expect(blob.size).toBe(layer.bytes.length);
    expect((await read(blob.body)).equals(layer.bytes)).toBe(true);
  });

  it.each<[string, Fault, object]>([
    ['no announced digest', { headers: { 'docker-content-digest': sha256(index.manifest.bytes) } }, {}],
    [
      'one of sha512',
      { headers: { 'docker-content-digest': sha512(index.manifest.bytes) } },
      { digest: sha512(index.manifest.bytes) },
    ],
    [
      'a Content-Type with parameters',
      { headers: { 'content-type': 'Application/JSON; a=b' } },
      { mediaType: 'application/json' },
    ],
    ['no Content-Length', { chunked: true }, {}],
    ['a connection that breaks once before the answer', { reset: true }, {}],
  ])('%s', async (_what, fault, expected) => {
    const { upstream, client } = await start();
    upstream.fault(manifestPath, fault, { times: 1 });
    expect(await client.getManifest('org/app', tag)).toMatchObject({
      digest: index.manifest.digest,
      ...expected,
    });
  });
});

describe('failures are named', () => {
  const words = (code: string, ...parts: (string | RegExp)[]) => ({ code, parts: ['corp', ...parts] });
  it.each<[string, Fault, { code: string; parts: (string | RegExp)[] }]>([
    ['404', { status: 404 }, words('manifest-unknown', manifestPath)],
    [
      '403',
      { status: 403, body: '{"errors":[{"code":"DENIED","message":"not for you"}]}' },
      words('upstream-refused', 'not for you'),
    ],
    ['401 without a challenge', { status: 401 }, words('upstream-refused', 'wants credentials')],
    ['429', { status: 429, headers: { 'retry-after': '17' } }, words('upstream-throttled')],
    ['500', { status: 500 }, words('upstream-misbehaved', '500')],
    ['503', { status: 503 }, words('upstream-misbehaved', '503')],
    ['206', { status: 206 }, words('upstream-misbehaved', '206')],
    ['a web page', { html: true }, words('upstream-misbehaved', 'web page')],
    ['other bytes than announced', { corrupt: true }, words('digest-mismatch', index.manifest.digest)],
    [
      'a digest that is none',
      { headers: { 'docker-content-digest': 'sha256:XYZ' } },
      words('upstream-misbehaved', 'sha256:XYZ'),
    ],
    ['half of it', { cutAfter: 20 }, words('upstream-unreachable', manifestPath)],
    ['no answer in time', { delay: 2500 }, words('upstream-unreachable', /imeout|no whole answer within/)],
    ['an answer that drips', { bytesPerSecond: 100 }, words('upstream-unreachable', '900 ms')],
    ['connections that always break', { reset: true }, words('upstream-unreachable')],
    ['too much', { body: 'x'.repeat(manifestLimit + 1) }, { code: 'manifest-too-large', parts: [] }],
    [
      'too much, unannounced',
      { body: 'x'.repeat(manifestLimit + 1), chunked: true },
      { code: 'manifest-too-large', parts: [] },
    ],
    ['a redirect without end', { redirect: manifestPath }, words('upstream-misbehaved', 'more than 5')],
    [
      'a redirect to a file',
      { redirect: 'file:///etc/passwd' },
      words('upstream-misbehaved', 'not a plain http'),
    ],
    [
      'a redirect with a password',
      { redirect: 'http://a:b@localhost/' },
      words('upstream-misbehaved', 'not a plain http'),
    ],
    ['a redirect to nowhere', { redirect: 'http://[' }, words('upstream-misbehaved', 'Location')],
  ])('a manifest: %s', async (_what, fault, expected) => {
    const { upstream, client } = await start();
    upstream.fault(manifestPath, fault);
    const failure = await client.getManifest('org/app', tag).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'PratiqueError', code: expected.code });
    for (const part of expected.parts) {
      const wanted = typeof part === 'string' ? expect.stringContaining(part) : expect.stringMatching(part);
      expect((failure as Error).message).toEqual(wanted);
    }
  });

  it('when to come back, in seconds', async () => {
    const { upstream, client } = await start();
    upstream.fault(manifestPath, { status: 429, headers: { 'retry-after': '17' } });
    await expect(client.headManifest('org/app', tag)).rejects.toMatchObject({ fields: { retryAfter: 17 } });
  });

  it('other content for a digest, on GET and on HEAD', async () => {
    const { upstream, client } = await start();
    const path = `/v2/org/app/manifests/${byDigest.digest}`;
    upstream.fault(path, { headers: { 'docker-content-digest': absent } }, { method: 'HEAD' });
    upstream.fault(path, { corrupt: true }, { method: 'GET' });
    const mismatch = { code: 'digest-mismatch' };
    await expect(client.headManifest('org/app', byDigest)).rejects.toMatchObject(mismatch);
    await expect(client.getManifest('org/app', byDigest)).rejects.toMatchObject(mismatch);
  });

  it('nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const { client } = await start({}, { url: `http://127.0.0.1:${port}` });
    await expect(client.headBlob('org/app', layer.digest)).rejects.toMatchObject({
      code: 'upstream-unreachable',
      message: expect.stringMatching(new RegExp(`corp .*127.0.0.1:${port}.*ECONNREFUSED`)),
    });
  });

  it.each<[string, Fault, string]>([
    ['404', { status: 404 }, 'blob-unknown'],
    ['a web page', { html: true }, 'upstream-misbehaved'],
    ['half of it', { cutAfter: 100 }, 'blob-truncated'],
    ['silence in the middle', { stall: 3000 }, 'blob-truncated'],
  ])('a blob: %s', async (_what, fault, code) => {
    const { upstream, client } = await start();
    upstream.fault(blobPath, fault);
    const reading = client.openBlob('org/app', layer.digest).then((blob) => read(blob.body));
    await expect(reading).rejects.toMatchObject({ code });
  });

  it('an aborted download ends with the reason of its signal', async () => {
    const { upstream, client } = await start();
    upstream.fault(blobPath, { bytesPerSecond: 1000 });
    const abort = new AbortController();
    const blob = await client.openBlob('org/app', layer.digest, abort.signal);
    const reason = new Error('nobody waits any more');
    setTimeout(() => abort.abort(reason), 50);
    await expect(read(blob.body)).rejects.toBe(reason);
  });
});

describe('redirects', () => {
  it('are followed, without the Authorization where the host changes', async () => {
    const credentials = { username: 'u', password: 'p' };
    const storage = await startUpstream({ repositories: { 'org/app': { latest: index } } });
    closers.push(() => storage.close());
    const { upstream, client } = await start({ auth: { kind: 'basic', credentials } }, { credentials });
    await client.headManifest('org/app', tag);
    upstream.fault(blobPath, { redirect: `${storage.url}${blobPath}?signature=secret` });
    const blob = await client.openBlob('org/app', layer.digest);
    expect((await read(blob.body)).equals(layer.bytes)).toBe(true);
    expect(upstream.requests.at(-1)?.headers.authorization).toMatch(/^Basic /);
    expect(storage.requests).toHaveLength(1);
    expect(storage.requests[0]?.headers.authorization).toBeUndefined();
    expect(storage.requests[0]?.query.get('signature')).toBe('secret');
  });

  it('keep signatures out of messages', async () => {
    const { upstream, client } = await start();
    upstream.fault(blobPath, { redirect: '/v2/org/app/blobs/gone?signature=secret' });
    await expect(client.openBlob('org/app', layer.digest)).rejects.toMatchObject({
      code: 'blob-unknown',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('that ask for credentials elsewhere do not get them', async () => {
    const credentials = { username: 'u', password: 'p' };
    const thief = await startUpstream({ auth: { kind: 'basic', credentials }, hostname: 'localhost' });
    closers.push(() => thief.close());
    const { upstream, client } = await start({}, { credentials });
    upstream.fault(blobPath, { redirect: `${thief.url}${blobPath}` });
    await expect(client.openBlob('org/app', layer.digest)).rejects.toMatchObject({
      code: 'upstream-refused',
    });
    for (const { requests } of [thief, upstream]) {
      expect(requests.map((seen) => seen.headers.authorization)).toEqual([undefined]);
    }
  });
});

describe('TLS', () => {
  it('trusts the configured authority alone, and does not leave TLS', async () => {
    const tls = selfSignedCertificate();
    const { upstream, client } = await start({ tls }, { ca: tls.cert });
    expect(await client.headBlob('org/app', layer.digest)).toEqual({ size: layer.bytes.length });
    const plain = await startUpstream();
    closers.push(() => plain.close());
    upstream.fault(blobPath, { redirect: `${plain.url}/x` });
    await expect(client.headBlob('org/app', layer.digest)).rejects.toMatchObject({
      code: 'upstream-refused',
    });
    expect(plain.requests).toHaveLength(0);
    const stranger = await start({ tls });
    await expect(stranger.client.headBlob('org/app', layer.digest)).rejects.toMatchObject({
      code: 'upstream-unreachable',
      message: expect.stringContaining('self-signed'),
    });
  });
});
