import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { silentLogger } from '../../core/ports/logger.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { keyAge, keyKnown, openSigningKeys } from './signing-keys.ts';
import { createTokens } from './tokens.ts';

const start = Date.UTC(2026, 10, 24);
const clock = { now: start };
const openKeys = (file: string) => openSigningKeys({ file, now: () => clock.now, logger: silentLogger });
const keys = openKeys(join(temporaryDirectory(), 'keys'));
const { kid, privateKey } = keys.current();
const seconds = start / 1000;
const access = [{ type: 'repository', name: 'hosted/a', actions: ['pull', 'push', 'delete'] }];
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = {
  iss: 'pratique',
  aud: 'pratique',
  sub: 'alice',
  ver: 'v',
  iat: seconds,
  nbf: seconds,
  exp: seconds + 300,
  jti: 'x',
  access,
};
const signed = (changes: object = {}, header: object = {}, by: Parameters<SignJWT['sign']>[0] = privateKey) =>
  new SignJWT({ ...claims, ...changes })
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid, ...header })
    .sign(by);

describe('createTokens', () => {
  const make = (service = 'pratique') => createTokens({ keys, service, now: () => clock.now });

  it('reads what it wrote, for five minutes, from memory too', async () => {
    clock.now = start;
    const tokens = make();
    const { token, expiresIn } = await tokens.issue(
      { user: 'alice', version: 'v', token: 'ab12' },
      { repositories: [{ name: 'hosted/a', actions: ['pull'] }], lists: true },
    );
    const grants = new Map([['hosted/a', new Set(['pull'])]]);
    const content = { user: 'alice', version: 'v', token: 'ab12', grants, lists: true };
    expect(expiresIn).toBe(300);
    expect(await tokens.verify(token)).toEqual(content);
    clock.now = start + 299_000;
    expect(await tokens.verify(token)).toEqual(content);
    expect(await make().verify(token)).toEqual(content);
    for (const at of [start + 300_000, start - 60_000]) {
      clock.now = at;
      expect(await tokens.verify(token)).toBeNull();
      expect(await make().verify(token)).toBeNull();
    }
    clock.now = start;
    expect(await make('other').verify(token)).toBeNull();
  });
  it('gives each token an id of its own', async () => {
    const issue = async () =>
      (await make().issue({ user: null, version: '', token: null }, { repositories: [], lists: false }))
        .token;
    expect(await issue()).not.toBe(await issue());
  });
  it('takes a token that is right in every part', async () => {
    clock.now = start;
    expect(await make().verify(await signed())).not.toBeNull();
  });

  const rsa = generateKeyPair('RS256');
  const another = generateKeyPair('ES256', { extractable: true });
  const publicBytes = new Uint8Array(keys.current().publicKey.export({ type: 'spki', format: 'der' }));
  const forged: [string, () => Promise<string> | string][] = [
    ['alg none', () => `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`],
    [
      'alg None with a signature',
      async () => `${part({ alg: 'None' })}.${(await signed()).split('.').slice(1).join('.')}`,
    ],
    ['HS256 with the public key', () => signed({}, { alg: 'HS256' }, publicBytes)],
    ['HS512 with the public key', () => signed({}, { alg: 'HS512' }, publicBytes)],
    ['an unknown key', () => signed({}, { kid: 'other' })],
    ['no key named', () => signed({}, { kid: undefined })],
    [
      'RS256',
      async () =>
        new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).sign((await rsa).privateKey),
    ],
    ['another key', async () => signed({}, {}, (await another).privateKey)],
    [
      'a key in its header',
      async () =>
        signed({}, { jwk: await exportJWK((await another).publicKey), kid: 'x' }, (await another).privateKey),
    ],
    ['no type', () => signed({}, { typ: 'at+jwt' })],
    [
      'claims of another version',
      () => signed({ access: [{ type: 'repository', name: 'a', actions: ['read'] }] }),
    ],
    ['no access', () => signed({ access: undefined })],
    ['another issuer', () => signed({ iss: 'other' })],
    ['another audience', () => signed({ aud: 'other' })],
    ['no audience', () => signed({ aud: undefined })],
    ['no end', () => signed({ exp: undefined })],
    ['no beginning', () => signed({ nbf: undefined })],
    ['no id', () => signed({ jti: undefined })],
    ['a beginning that is to come', () => signed({ nbf: seconds + 60 })],
    [
      'changed claims',
      async () => {
        const [header, , signature] = (await signed()).split('.');
        return `${header}.${part({ ...claims, sub: 'root' })}.${signature}`;
      },
    ],
    ['a cut signature', async () => (await signed()).slice(0, -4)],
    ['two parts', async () => (await signed()).split('.').slice(0, 2).join('.')],
    ['five parts', async () => `${await signed()}.a.b`],
    [
      'an unknown critical header',
      async () => `${part({ alg: 'ES256', typ: 'JWT', kid, crit: ['x'], x: 1 })}.${part(claims)}.AAAA`,
    ],
    ['nothing in it', () => ''],
    ['no JSON', () => 'a.b.c'],
  ];
  it.each(forged)('refuses a token with %s', async (_what, forge) => {
    clock.now = start;
    expect(await make().verify(await forge())).toBeNull();
  });
});

describe('openSigningKeys', () => {
  const place = () => join(temporaryDirectory(), 'token-keys.json');
  const tokenBy = (by: ReturnType<typeof openKeys>) =>
    createTokens({ keys: by, service: 'pratique', now: () => clock.now }).issue(
      { user: 'alice', version: 'v', token: null },
      { repositories: [], lists: false },
    );
  const isTaken = async (by: ReturnType<typeof openKeys>, token: string) =>
    (await createTokens({ keys: by, service: 'pratique', now: () => clock.now }).verify(token)) !== null;

  it('makes a key once, for its owner alone, and takes rights away that others got', () => {
    clock.now = start;
    const file = place();
    const { kid: made } = openKeys(file).current();
    chmodSync(file, 0o644);
    expect(openKeys(file).current().kid).toBe(made);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(openKeys(place()).current().kid).not.toBe(made);
  });
  it('changes the key after a month, and takes the old one’s tokens while they last, over a restart too', async () => {
    clock.now = start;
    const file = place();
    const mine = openKeys(file);
    clock.now = start + keyAge - 1000;
    const before = await tokenBy(mine);
    clock.now += 2000;
    const after = await tokenBy(mine);
    const kidOf = (token: string): unknown =>
      (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
    expect(kidOf(after.token)).not.toBe(kidOf(before.token));
    for (const by of [mine, openKeys(file)]) {
      expect([await isTaken(by, before.token), await isTaken(by, after.token)]).toEqual([true, true]);
      expect(by.publicKeys().map((key) => key.kid)).toEqual([kidOf(before.token), kidOf(after.token)]);
    }
    clock.now += keyKnown;
    expect(mine.publicKeys().map((key) => key.kid)).toEqual([kidOf(after.token)]);
    expect(mine.byId(String(kidOf(before.token)))).toBeNull();
  });
  it('tells others how to verify its tokens, and not how to make them', async () => {
    clock.now = start;
    const mine = openKeys(place());
    const { token } = await tokenBy(mine);
    const published = { keys: mine.publicKeys().map((key) => ({ ...key })) };
    const { payload } = await jwtVerify(token, createLocalJWKSet(published), {
      algorithms: ['ES256'],
      currentDate: new Date(clock.now),
    });
    expect(payload.sub).toBe('alice');
    expect(JSON.stringify(published)).not.toContain('"d"');
  });
  it.each([
    ['was cut', '{"keys":[{"kid":"a","mad'],
    ['holds another thing', '{"keys":[]}'],
    ['holds a key of another kind', '{"keys":[{"kid":"a","madeAt":1,"pem":"x"}]}'],
  ])('refuses a file that %s, without telling what is in it', (_what, text) => {
    const file = place();
    writeFileSync(file, text);
    expect(() => openKeys(file)).toThrow(/cannot be read: it is damaged; remove the file/);
    expect(() => openKeys(join(file, 'x'))).toThrow(/cannot be (read|kept)/);
  });
});
