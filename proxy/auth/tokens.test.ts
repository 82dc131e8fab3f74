import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { ensureTokenKey } from './token-key.ts';
import { createTokens } from './tokens.ts';

const key = new Uint8Array(32).fill(7);
const start = Date.UTC(2026, 10, 24);
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
const signed = (changes: object = {}, header: object = {}, by: Uint8Array = key) =>
  new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header }).sign(by);

describe('createTokens', () => {
  const clock = { now: start };
  const make = (service = 'pratique') => createTokens({ key, service, now: () => clock.now });

  it('reads what it wrote, for five minutes, from memory too', async () => {
    clock.now = start;
    const tokens = make();
    const { token, expiresIn } = await tokens.issue({ user: 'alice', version: 'v' }, [
      { name: 'hosted/a', actions: ['pull'] },
    ]);
    const content = { user: 'alice', version: 'v', grants: new Map([['hosted/a', new Set(['pull'])]]) };
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
    const issue = async () => (await make().issue({ user: null, version: '' }, [])).token;
    expect(await issue()).not.toBe(await issue());
  });
  it('takes a token that is right in every part', async () => {
    clock.now = start;
    expect(await make().verify(await signed())).not.toBeNull();
  });

  const rsa = generateKeyPair('RS256');
  const forged: [string, () => Promise<string> | string][] = [
    ['alg none', () => `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`],
    [
      'alg None with a signature',
      async () => `${part({ alg: 'None' })}.${(await signed()).split('.').slice(1).join('.')}`,
    ],
    ['HS512 with the right key', () => signed({}, { alg: 'HS512' }, new Uint8Array(64).fill(7))],
    ['HS384 with the right key', () => signed({}, { alg: 'HS384' }, new Uint8Array(48).fill(7))],
    [
      'RS256',
      async () =>
        new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).sign((await rsa).privateKey),
    ],
    ['another key', () => signed({}, {}, new Uint8Array(32).fill(8))],
    ['a key in its header', () => signed({}, { jwk: { kty: 'oct', k: 'AAAA' } }, new Uint8Array(32))],
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
      async () => `${part({ alg: 'HS256', typ: 'JWT', crit: ['x'], x: 1 })}.${part(claims)}.AAAA`,
    ],
    ['nothing in it', () => ''],
    ['no JSON', () => 'a.b.c'],
  ];
  it.each(forged)('refuses a token with %s', async (_what, forge) => {
    clock.now = start;
    expect(await make().verify(await forge())).toBeNull();
  });
});

describe('ensureTokenKey', () => {
  it('makes a key once, for its owner alone, and takes rights away that others got', () => {
    const file = join(temporaryDirectory(), 'token.key');
    const made = ensureTokenKey(file);
    expect(made).toHaveLength(32);
    chmodSync(file, 0o644);
    expect(ensureTokenKey(file)).toEqual(made);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(ensureTokenKey(join(temporaryDirectory(), 'token.key'))).not.toEqual(made);
  });
  it('refuses a key that was cut, and a folder that is not there', () => {
    const file = join(temporaryDirectory(), 'token.key');
    ensureTokenKey(file);
    writeFileSync(file, readFileSync(file).subarray(0, 8));
    expect(() => ensureTokenKey(file)).toThrow(/does not hold a key of 32 bytes; remove it/);
    expect(() => ensureTokenKey(join(file, 'x'))).toThrow(/cannot be read or made/);
  });
});
