import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256 } from '../support/images.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { basicOf, tokenOf, writeUsers } from '../support/users.ts';
import { ask } from './client.ts';
import { createPusher } from './pusher.ts';
import { clean, debian, noise, openStage, type Stage, warned } from './stage.ts';

/** Known ways round who may pull and push; the numbers are those of docs/ways-round.md. */

const secret = debian('curl', '7.88-1', 'secret');
let stage: Stage;
const registry = (): string => stage.pratique.registry;

const access = [
  { users: ['*'], repositories: ['corp/open/**'], actions: ['pull'] },
  { users: ['alice'], repositories: ['corp/secret/**', 'hosted/alice/**'], actions: ['pull'] },
  { users: ['alice'], repositories: ['hosted/alice/**'], actions: ['push', 'delete'] },
  { users: ['bob'], repositories: ['hosted/bob/**'], actions: ['pull', 'push'] },
];

beforeAll(async () => {
  const users = writeUsers(temporaryDirectory(), ['alice', 'bob', 'victim']);
  stage = await openStage({
    repositories: { 'open/app': { clean }, 'secret/app': { secret } },
    config: { auth: { users, access } },
  });
  const warm = await ask(registry(), '/v2/corp/secret/app/manifests/secret', {
    headers: { Authorization: basicOf('alice') },
  });
  expect(warm.status).toBe(200);
});
afterAll(() => stage.close());

/** Everything that bob, or nobody, can show. */
const holders: [string, () => Promise<Record<string, string>>][] = [
  ['nobody', () => Promise.resolve({})],
  ['bob by password', () => Promise.resolve({ Authorization: basicOf('bob') })],
  [
    'bob by a token for what is open',
    async () => ({ Authorization: await tokenOf(registry(), 'bob', 'repository:corp/open/app:pull') }),
  ],
  [
    'bob by a token that he asked for the secret',
    async () => ({ Authorization: await tokenOf(registry(), 'bob', 'repository:corp/secret/app:*') }),
  ],
];
const [blob = ''] = secret.blobs.keys();
/** So many from the beginning are right, and only the asker is not. */
const honest = 8;
const spellings = [
  '/v2/corp/secret/app/manifests/secret',
  `/v2/corp/secret/app/manifests/${secret.manifest.digest}`,
  `/v2/corp/secret/app/blobs/${blob}`,
  '/v2/corp/secret/app/tags/list',
  `/v2/corp/secret/app/referrers/${secret.manifest.digest}`,
  '/v2/secret/app/manifests/secret?ns=registry.corp',
  '/v2/secret/app/manifests/secret?ns=Registry.CORP',
  `/v2/secret/app/blobs/${blob}?ns=registry.corp`,
  '/v2/corp/%73ecret/app/manifests/secret',
  '/v2/corp/secret%2fapp/manifests/secret',
  '/v2/corp/open/../secret/app/manifests/secret',
  '/v2/corp/open/%2e%2e/secret/app/manifests/secret',
  '/v2//corp/secret/app/manifests/secret',
  '/v2/corp/Secret/app/manifests/secret',
  `/v2/corp/open/app/manifests/${secret.manifest.digest}`,
  `/v2/corp/open/app/blobs/${blob}`,
  '/auth/../v2/corp/secret/app/manifests/secret',
  '/auth/token/../../v2/corp/secret/app/manifests/secret',
];

describe('by who asks', () => {
  it.each(spellings.slice(0, honest))('60: whose it is gets it: %s', async (path) => {
    const { status } = await ask(registry(), path, { headers: { Authorization: basicOf('alice') } });
    expect(status).toBe(200);
  });
  describe.each(holders)("60: another's repository, by %s", (_who, headersOf) => {
    it.each(spellings)('%s', async (path) => {
      const headers = await headersOf();
      for (const method of ['GET', 'HEAD']) {
        const { status, body } = await ask(registry(), path, { method, headers });
        expect(status).toBeGreaterThanOrEqual(400);
        expect(body.includes('rootfs') || body.includes('layers')).toBe(false);
      }
    });
    it('by a header that names another method or path', async () => {
      const { status } = await ask(registry(), '/v2/', {
        headers: {
          ...(await headersOf()),
          'X-Original-URL': '/v2/corp/secret/app/manifests/secret',
          'X-Rewrite-URL': '/v2/corp/secret/app/manifests/secret',
          'X-Forwarded-User': 'alice',
          'X-Remote-User': 'alice',
        },
      });
      expect([200, 401]).toContain(status);
    });
  });

  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'pratique',
    aud: 'pratique',
    sub: 'alice',
    ver: '',
    iat: now,
    nbf: now,
    exp: now + 300,
    jti: 'x',
    access: [{ type: 'repository', name: 'corp/secret/app', actions: ['pull', 'push', 'delete'] }],
  };
  const signed = (alg: string, key: string): string => {
    const text = `${part({ alg, typ: 'JWT' })}.${part(claims)}`;
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  };
  it.each([
    ['alg none', `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`],
    ['an empty key', signed('HS256', '')],
    ['the key "secret"', signed('HS256', 'secret')],
    ['RS256 over HMAC', signed('RS256', '')],
  ])("61: a token of one's own making: %s", async (_what, token) => {
    const answer = await ask(registry(), '/v2/corp/secret/app/manifests/secret', {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/error="invalid_token"/);
  });

  interface PublicKey extends JsonWebKey {
    readonly kid: string;
  }
  const publicKey = async (): Promise<PublicKey> => {
    const { body } = await ask(registry(), '/auth/jwks.json');
    const [key] = (JSON.parse(body.toString()) as { keys: PublicKey[] }).keys;
    if (key === undefined) throw new Error('there is no key');
    return key;
  };
  const unsigned = (header: object): string => `${part({ typ: 'JWT', ...header })}.${part(claims)}`;
  const hmac = (header: object, key: string | Buffer): string => {
    const text = unsigned({ alg: 'HS256', ...header });
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  };
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsa = (header: object): string => {
    const text = unsigned({ alg: 'ES256', ...header });
    const signature = sign('sha256', Buffer.from(text), { key: own.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  };
  it.each<[string, (key: PublicKey) => Promise<string> | string]>([
    ['none, with the id of a key', ({ kid }) => `${unsigned({ alg: 'none', kid })}.`],
    [
      'HS256 with the public key as its secret, as PEM',
      (key) => {
        const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
        return hmac({ kid: key.kid }, pem);
      },
    ],
    [
      'the same, as DER',
      (key) => {
        const der = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'der' });
        return hmac({ kid: key.kid }, der);
      },
    ],
    ['the same, as JSON', (key) => hmac({ kid: key.kid }, JSON.stringify(key))],
    ['another key under the id of the right one', ({ kid }) => ecdsa({ kid })],
    ['a key that it brings along', () => ecdsa({ jwk: own.publicKey.export({ format: 'jwk' }) })],
    ['an id that is a path', () => ecdsa({ kid: '../../dev/null' })],
    ['no signature', ({ kid }) => `${unsigned({ alg: 'ES256', kid })}.`],
    ['zeros', ({ kid }) => `${unsigned({ alg: 'ES256', kid })}.${Buffer.alloc(64).toString('base64url')}`],
    [
      'a signature of another token',
      async ({ kid }) => {
        const bearer = await tokenOf(registry(), 'bob', 'repository:corp/open/app:pull');
        return `${unsigned({ alg: 'ES256', kid })}.${bearer.split('.')[2] ?? ''}`;
      },
    ],
  ])('140: a forged ES256 token: %s', async (_what, forge) => {
    const answer = await ask(registry(), '/v2/corp/secret/app/manifests/secret', {
      headers: { Authorization: `Bearer ${await forge(await publicKey())}` },
    });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/error="invalid_token"/);
  });

  it('62: a token for more than the rules allow', async () => {
    const scopes = ['repository:corp/secret/app:*', 'repository:hosted/alice/x:push', 'registry:catalog:*'];
    const token = await tokenOf(registry(), 'bob', ...scopes, 'repository:corp/open/app:pull,push');
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(payload).toMatchObject({
      // The right to list shows no more than may be pulled.
      access: [
        { type: 'repository', name: 'corp/open/app', actions: ['pull'] },
        { type: 'registry', name: 'catalog' },
      ],
    });
  });

  it("63: the layers of another's repository, mounted into one's own", async () => {
    const bytes = noise(5000);
    const digest = sha256(bytes);
    const alice = createPusher(registry, () => Promise.resolve(basicOf('alice')));
    expect((await alice.blob('hosted/alice/app', digest, bytes)).status).toBe(201);
    for (const from of ['hosted/alice/app', 'hosted%2Falice%2Fapp', 'corp/secret/app']) {
      const mount = from === 'corp/secret/app' ? blob : digest;
      const path = `/v2/hosted/bob/app/blobs/uploads/?mount=${mount}&from=${from}`;
      const headers = { Authorization: basicOf('bob') };
      expect((await ask(registry(), path, { method: 'POST', headers })).status).toBe(202);
      expect((await ask(registry(), `/v2/hosted/bob/app/blobs/${mount}`, { headers })).status).toBe(404);
    }
  });

  it("64: a push or a deletion in another's repository", async () => {
    const bob = createPusher(registry, () => Promise.resolve(basicOf('bob')));
    for (const [method, path] of [
      ['POST', '/v2/hosted/alice/app/blobs/uploads/'],
      ['PUT', '/v2/hosted/alice/app/manifests/1'],
      ['PATCH', '/v2/hosted/alice/app/blobs/uploads/0'],
      ['DELETE', '/v2/hosted/alice/app/manifests/1'],
      ['DELETE', '/v2/hosted/bob/app/manifests/1'],
    ] as const)
      expect((await bob.ask(path, { method })).status).toBe(403);
  });

  it('65: a Host header that sends passwords elsewhere', async () => {
    const { headers } = await ask(registry(), '/v2/', {
      headers: { Host: 'evil.test', 'X-Forwarded-Host': 'evil.test', 'X-Forwarded-Proto': 'https' },
    });
    expect(headers['www-authenticate']).toBe(`Bearer realm="${registry()}/auth/token",service="pratique"`);
  });

  it('66: guessing a password', async () => {
    const guess = (password: string) =>
      ask(registry(), '/auth/token?service=pratique', {
        headers: { Authorization: `Basic ${Buffer.from(`victim:${password}`).toString('base64')}` },
      });
    const guesses = await Promise.all(Array.from({ length: 30 }, (_, index) => guess(`guess${index}`)));
    expect(guesses.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(10);
    const right = await guess('pw-victim');
    expect([right.status, right.headers['retry-after']]).toEqual([429, expect.stringMatching(/^[0-9]+$/)]);
  });
});

describe('what a private upstream holds, by nobody, though the rules open everything', () => {
  let closed: Stage;
  beforeAll(async () => {
    closed = await openStage({
      repositories: { 'team/app': { clean, warned } },
      private: true,
      config: {
        auth: {
          users: writeUsers(temporaryDirectory(), ['alice', 'bob']),
          access: [
            { users: ['anonymous'], repositories: ['**'], actions: ['pull'] },
            { users: ['bob'], repositories: ['hosted/bob/**'], actions: ['push'] },
          ],
        },
      },
    });
    for (const tag of ['clean', 'warned']) {
      const pulled = await ask(closed.pratique.registry, `/v2/corp/team/app/manifests/${tag}`, {
        headers: { Authorization: basicOf('alice') },
      });
      expect(pulled.status).toBe(200);
    }
  });
  afterAll(() => closed.close());
  const nobody = (path: string, method = 'GET') => ask(closed.pratique.registry, path, { method });
  const layer = clean.layers[0]?.digest ?? '';

  it.each([
    '/v2/hosted/bob/app/blobs/uploads/?mount=LAYER&from=corp/team/app',
    '/v2/hosted/bob/app/blobs/uploads/?mount=LAYER&from=corp%2Fteam%2Fapp',
    '/v2/hosted/bob/app/blobs/uploads/?mount=LAYER',
  ])('141: mounted into a hosted repository: %s', async (path) => {
    expect((await nobody(path.replace('LAYER', layer), 'POST')).status).toBe(401);
    expect([401, 404]).toContain((await nobody(`/v2/hosted/bob/app/blobs/${layer}`)).status);
  });

  it.each([
    `/v2/corp/team/app/referrers/${clean.manifest.digest}`,
    `/v2/team/app/referrers/${clean.manifest.digest}?ns=registry.corp`,
    `/v2/corp/team/app/referrers/${clean.manifest.digest}?artifactType=x`,
    `/v2/corp/team/app/manifests/${clean.manifest.digest.replace(':', '-')}`,
    '/v2/corp/team/app/tags/list?n=1',
    '/v2/team/app/tags/list?ns=registry.corp',
  ])('142: its lists: %s', async (path) => {
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, body } = await nobody(path, method);
      expect([method, status, headers.link]).toEqual([method, 401, undefined]);
      expect(body.toString()).not.toMatch(/manifests|tags/);
    }
  });

  it('143: by what an answer’s headers say: what is there is refused like what is not', async () => {
    const told = async (tag: string, method: string) => {
      const { status, headers, body } = await nobody(`/v2/corp/team/app/manifests/${tag}`, method);
      const { date: _date, ...said } = headers;
      return [status, said, body.toString()];
    };
    for (const method of ['GET', 'HEAD']) {
      const absent = await told('absent', method);
      expect(absent).toEqual([
        401,
        expect.not.objectContaining({ warning: expect.anything(), etag: expect.anything() }),
        expect.anything(),
      ]);
      expect(await told('warned', method)).toEqual(absent);
      expect(await told(warned.manifest.digest, method)).toEqual(absent);
    }
  });

  it.each(['/v2/_catalog', '/v2/_catalog?ns=registry.corp', '/v2/_catalog?n=1000&last=a'])(
    '144: in the catalog: %s',
    async (path) => {
      expect((await nobody(path)).body.toString()).not.toContain('team/app');
      const { body } = await ask(closed.pratique.registry, '/v2/_catalog', {
        headers: { Authorization: basicOf('alice') },
      });
      expect(body.toString()).toContain('corp/team/app');
    },
  );

  it('145: by a token that was given out without a login', async () => {
    const path = '/auth/token?service=pratique&scope=repository:corp/team/app:pull';
    const { body } = await nobody(path);
    const token = /"token":"([^"]+)"/.exec(body.toString())?.[1] ?? 'none';
    for (const below of ['manifests/clean', `blobs/${layer}`, 'tags/list']) {
      const { status } = await ask(closed.pratique.registry, `/v2/corp/team/app/${below}`, {
        headers: { Authorization: `Bearer ${token}` },
      });
      expect([below, status]).toEqual([below, 401]);
    }
  });
});
