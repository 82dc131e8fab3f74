import { afterEach, describe, expect, it } from '@jest/globals';
import { buildImage } from '../../test/support/images.ts';
import { startUpstream, type Upstream, type UpstreamAuth } from '../../test/support/upstream.ts';
import { createUpstreamClient, type UpstreamClient } from './client.ts';

const image = buildImage({ layers: [] });
const tag = { kind: 'tag', tag: 'latest' } as const;
const credentials = { username: 'someone', password: 'pässword:with colon' };

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(
  auth: UpstreamAuth | undefined,
  options: { credentials?: typeof credentials | null; now?: () => number } = {},
): Promise<{ upstream: Upstream; client: UpstreamClient }> {
  const repositories = { a: { latest: image }, b: { latest: image } };
  const upstream = await startUpstream({ repositories, ...(auth === undefined ? {} : { auth }) });
  const client = createUpstreamClient(
    { name: 'corp', namespace: 'corp', url: upstream.url, credentials: options.credentials ?? null },
    { now: options.now ?? Date.now },
  );
  closers.push(
    () => upstream.close(),
    () => client.close(),
  );
  return { upstream, client };
}

describe('getting in', () => {
  it.each<[string, UpstreamAuth | undefined, typeof credentials | null]>([
    ['nothing is asked', undefined, null],
    ['nothing is asked, though there are credentials', undefined, credentials],
    ['basic', { kind: 'basic', credentials }, credentials],
    ['a token for anybody', { kind: 'token' }, null],
    ['a token for credentials', { kind: 'token', credentials }, credentials],
    [
      'a token named access_token',
      { kind: 'token', credentials, field: 'access_token', expiresIn: 300 },
      credentials,
    ],
  ])('%s', async (_what, auth, given) => {
    const { client } = await start(auth, { credentials: given });
    expect(await client.getManifest('a', tag)).toMatchObject({ digest: image.manifest.digest });
  });

  it('sends no credentials before they are asked for', async () => {
    const { upstream, client } = await start(undefined, { credentials });
    await client.getManifest('a', tag);
    expect(upstream.requests.map((seen) => seen.headers.authorization)).toEqual([undefined]);
  });

  it.each<[string, UpstreamAuth, typeof credentials | null]>([
    ['basic without credentials', { kind: 'basic', credentials }, null],
    ['basic with wrong ones', { kind: 'basic', credentials }, { username: 'x', password: 'y' }],
    ['a token without credentials', { kind: 'token', credentials }, null],
    ['a token with wrong ones', { kind: 'token', credentials }, { username: 'x', password: 'y' }],
  ])('not with %s', async (_what, auth, given) => {
    const { client } = await start(auth, { credentials: given });
    for (let again = 0; again < 2; again += 1) {
      await expect(client.getManifest('a', tag)).rejects.toMatchObject({
        code: 'upstream-refused',
        message: expect.stringContaining('credentials'),
      });
    }
  });
});

describe('tokens', () => {
  it('one question for many who wait, one token per repository, used until it expires', async () => {
    let now = 1_000_000;
    const { upstream, client } = await start({ kind: 'token', expiresIn: 100 }, { now: () => now });
    await Promise.all([1, 2, 3, 4, 5].map(() => client.getManifest('a', tag)));
    expect(upstream.count('/token')).toBe(1);
    await client.getManifest('b', tag);
    expect(upstream.count('/token')).toBe(2);
    const scopes = upstream.requests
      .filter(({ path }) => path === '/token')
      .map(({ query }) => query.get('scope'));
    expect(scopes).toEqual(['repository:a:pull', 'repository:b:pull']);
    now += 90_000;
    await client.getManifest('a', tag);
    expect(upstream.count('/token')).toBe(2);
    now += 10_000;
    upstream.forgetRequests();
    await Promise.all([1, 2, 3].map(() => client.getManifest('a', tag)));
    expect(upstream.count('/token')).toBe(1);
    // Renewed beforehand: no request was refused first.
    expect(upstream.count('/v2/a/manifests/latest')).toBe(3);
  });

  it('live 60 seconds where the answer does not say', async () => {
    let now = 1_000_000;
    const { upstream, client } = await start({ kind: 'token' }, { now: () => now });
    await client.getManifest('a', tag);
    now += 50_000;
    await client.getManifest('a', tag);
    expect(upstream.count('/token')).toBe(1);
    now += 10_000;
    await client.getManifest('a', tag);
    expect(upstream.count('/token')).toBe(2);
  });

  it.each([
    ['token', '{"token":"TOKEN","access_token":"","expires_in":1800}'],
    ['access_token', '{"token":"","access_token":"TOKEN"}'],
  ])('come as %s though the other name is empty', async (_what, body) => {
    const { upstream, client } = await start({ kind: 'token' });
    const given = await fetch(`${upstream.url}/token?scope=repository:a:pull`);
    const { token } = (await given.json()) as { token: string };
    upstream.fault('/token', { body: body.replace('TOKEN', token) });
    expect(await client.getManifest('a', tag)).toMatchObject({ digest: image.manifest.digest });
  });

  it('that were revoked are replaced', async () => {
    const { upstream, client } = await start({ kind: 'token', expiresIn: 3600 });
    await client.getManifest('a', tag);
    upstream.revokeTokens();
    await Promise.all([1, 2, 3].map(() => client.getManifest('a', tag)));
    expect(upstream.count('/token')).toBe(2);
  });

  it.each([
    ['no JSON', 'hello'],
    ['no token', '{}'],
    ['a token that would end the header', '{"token":"a\\r\\nX-Evil: 1"}'],
    ['an empty token', '{"token":""}'],
    ['a token that is no text', '{"token":1}'],
  ])('%s is no token', async (_what, body) => {
    const { upstream, client } = await start({ kind: 'token' });
    upstream.fault('/token', { body });
    await expect(client.getManifest('a', tag)).rejects.toMatchObject({ code: 'upstream-misbehaved' });
  });

  it.each([
    [
      { status: 429, headers: { 'retry-after': '9' } },
      { code: 'upstream-throttled', fields: { retryAfter: 9 } },
    ],
    [{ status: 500 }, { code: 'upstream-misbehaved' }],
    [{ status: 404 }, { code: 'upstream-misbehaved' }],
    [{ redirect: 'http://localhost:1/' }, { code: 'upstream-misbehaved' }],
    [{ reset: true }, { code: 'upstream-unreachable' }],
  ])('a realm that does %j', async (fault, expected) => {
    const { upstream, client } = await start({ kind: 'token' });
    upstream.fault('/token', fault);
    await expect(client.getManifest('a', tag)).rejects.toMatchObject(expected);
  });
});

describe('a realm on another host', () => {
  it('never sees credentials', async () => {
    const other = await startUpstream({ auth: { kind: 'token' } });
    closers.push(() => other.close());
    const realm = `${other.url.replace('127.0.0.1', 'localhost')}/token`;
    const { client } = await start({ kind: 'token', credentials, realm }, { credentials });
    await expect(client.getManifest('a', tag)).rejects.toMatchObject({
      code: 'upstream-refused',
      message: expect.stringContaining('another party'),
    });
    expect(other.requests).toHaveLength(0);
  });

  it.each(['file:///etc/passwd', 'nonsense', 'http://u:p@localhost/token'])('%s is none', async (realm) => {
    const { client } = await start({ kind: 'token', realm });
    await expect(client.getManifest('a', tag)).rejects.toMatchObject({ code: 'upstream-misbehaved' });
  });
});

describe('authorization for what is passed on', () => {
  it.each<[string, UpstreamAuth | undefined, typeof credentials | null, RegExp | null]>([
    ['none', undefined, credentials, null],
    ['basic', { kind: 'basic', credentials }, credentials, /^Basic /],
    ['a token', { kind: 'token' }, null, /^Bearer token-1$/],
  ])('%s', async (_what, auth, given, expected) => {
    const { upstream, client } = await start(auth, { credentials: given });
    for (let again = 0; again < 2; again += 1) {
      const authorization = await client.authorization('a');
      if (expected === null) expect(authorization).toBeNull();
      else expect(authorization).toMatch(expected);
    }
    // Learnt once.
    expect(upstream.count('/v2/a/tags/list')).toBeLessThanOrEqual(2);
  });
});
