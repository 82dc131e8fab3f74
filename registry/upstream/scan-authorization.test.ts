import { afterEach, describe, expect, it } from '@jest/globals';
import { buildImage } from '../../test/support/images.ts';
import { startUpstream, type Upstream, type UpstreamAuth } from '../../test/support/upstream.ts';
import { createUpstreamClient, type UpstreamClient, type UpstreamConfig } from './client.ts';

const image = buildImage({ layers: [] });
const byDigest = { kind: 'digest', digest: image.manifest.digest } as const;
const credentials = { username: 'robot$scan', password: 'secret' };

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(auth: UpstreamAuth | undefined): Promise<Upstream> {
  const upstream = await startUpstream({
    repositories: { a: { latest: image } },
    ...(auth === undefined ? {} : { auth }),
  });
  closers.push(() => upstream.close());
  return upstream;
}

function clientOf(url: string, config: Partial<UpstreamConfig>): UpstreamClient {
  const client = createUpstreamClient({ name: 'x', namespace: 'x', url, credentials: null, ...config });
  closers.push(() => client.close());
  return client;
}

async function tokenOf(upstream: Upstream): Promise<string> {
  const answer = await fetch(`${upstream.url}/token?scope=repository:a:pull`);
  return ((await answer.json()) as { token: string }).token;
}

describe('a token that is sent as it is', () => {
  it('opens the repository, and no realm is asked', async () => {
    const upstream = await start({ kind: 'token' });
    const bearer = await tokenOf(upstream);
    upstream.forgetRequests();
    const client = clientOf(upstream.url, { credentials: { bearer } });
    expect((await client.getManifest('a', byDigest)).digest).toBe(image.manifest.digest);
    expect(upstream.requests.map(({ path }) => path)).toEqual([`/v2/a/manifests/${image.manifest.digest}`]);
  });

  it('is refused by name when it is good no more, and nothing else is tried', async () => {
    const upstream = await start({ kind: 'token' });
    const client = clientOf(upstream.url, { credentials: { bearer: 'token-of-yesterday' } });
    await expect(client.getManifest('a', byDigest)).rejects.toMatchObject({
      code: 'upstream-refused',
      message: expect.stringContaining('does not accept the token'),
    });
    expect(upstream.count('/token')).toBe(0);
  });

  it('stays with its origin when a blob lies elsewhere', async () => {
    const elsewhere = await start(undefined);
    const upstream = await start({ kind: 'token' });
    const bearer = await tokenOf(upstream);
    const blob = `/v2/a/blobs/${image.config.digest}`;
    upstream.fault(blob, { redirect: `${elsewhere.url}${blob}` });
    const client = clientOf(upstream.url, { credentials: { bearer } });
    const open = await client.openBlob('a', image.config.digest);
    open.cancel();
    expect(elsewhere.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

describe('a realm on another address of the same registry', () => {
  it('is asked on the own origin when its path is the one that is expected', async () => {
    const upstream = await start({
      kind: 'token',
      credentials,
      realm: 'https://harbor.test/token',
    });
    const client = clientOf(upstream.url, { credentials, ownRealmPath: '/token' });
    expect((await client.getManifest('a', byDigest)).digest).toBe(image.manifest.digest);
    expect(upstream.count('/token')).toBe(1);
  });

  it.each([
    ['another path', { ownRealmPath: '/service/token' }],
    ['no such setting', {}],
    ['another host in the list', { realms: ['auth.test'] }],
  ])('is not asked with %s', async (_what, config) => {
    const upstream = await start({ kind: 'token', credentials, realm: 'https://harbor.test/token' });
    const client = clientOf(upstream.url, { credentials, ...config });
    await expect(client.getManifest('a', byDigest)).rejects.toMatchObject({
      code: 'upstream-refused',
      message: expect.stringContaining('another party'),
    });
    expect(upstream.count('/token')).toBe(0);
  });

  it('is asked where it is when its host is named, even if the path is the expected one', async () => {
    const realm = await start({ kind: 'token', credentials });
    const named = realm.url.replace('127.0.0.1', 'localhost');
    const upstream = await start({ kind: 'token', credentials, realm: `${named}/token` });
    const client = clientOf(upstream.url, {
      credentials,
      realms: [new URL(named).host],
      ownRealmPath: '/token',
    });
    // The registry does not know the other one's tokens, and that is what it says.
    await expect(client.getManifest('a', byDigest)).rejects.toMatchObject({ code: 'upstream-refused' });
    expect([realm.count('/token'), upstream.count('/token')]).toEqual([1, 0]);
  });
});
