import { describe, expect, it } from '@jest/globals';
import { type AdapterAuthentication, challenge, isAuthentic } from './authentication.ts';
import { parseAuthorization } from './authorization.ts';

const basic = (text: string | Buffer) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the registry authorization of a scan', () => {
  it.each<[what: string, text: string, read: object | null]>([
    ['none', '', { kind: 'none' }],
    ['blank', '  ', { kind: 'none' }],
    ['a robot', basic('robot$a+b:s'), { kind: 'basic', username: 'robot$a+b', password: 's' }],
    ['a secret with colons', basic('r:a:b:c'), { kind: 'basic', username: 'r', password: 'a:b:c' }],
    ['an empty secret', basic('r:'), { kind: 'basic', username: 'r', password: '' }],
    ['umlauts', basic('rö:sß'), { kind: 'basic', username: 'rö', password: 'sß' }],
    ['lower case', `basic ${basic('a:b').slice(6)}`, { kind: 'basic', username: 'a', password: 'b' }],
    ['two spaces', `Basic  ${basic('a:b').slice(6)}`, { kind: 'basic', username: 'a', password: 'b' }],
    ['a token', 'Bearer ey.J_-', { kind: 'bearer', token: 'ey.J_-' }],
    ['no colon', basic('robot'), null],
    ['no base64', 'Basic a:b', null],
    ['no credentials', 'Basic ', null],
    ['no token', 'Bearer', null],
    ['a token that breaks the header', 'Bearer a\r\nX: y', null],
    ['a token with a space', 'Bearer a b', null],
    ['a secret that breaks the header', basic('a:b\nc'), null],
    ['no UTF-8', basic(Buffer.from([0x61, 0x3a, 0xff])), null],
    ['another scheme', 'Digest a', null],
    ['no scheme', 'YTpi', null],
    ['without end', `Bearer ${'a'.repeat(20_000)}`, null],
  ])('%s', (_what, text, read) => {
    expect(parseAuthorization(text)).toEqual(read);
  });
});

describe('who may ask the adapter', () => {
  const asBasic: AdapterAuthentication = { kind: 'basic', username: 'harbor', password: 'a:b' };
  const asBearer: AdapterAuthentication = { kind: 'bearer', token: 't' };
  const asKey: AdapterAuthentication = { kind: 'api-key', key: 'k' };
  it.each<
    [
      demanded: AdapterAuthentication,
      authorization: string | undefined,
      apiKey: string | undefined,
      allowed: boolean,
    ]
  >([
    [{ kind: 'none' }, undefined, undefined, true],
    [{ kind: 'none' }, 'Bearer x', 'y', true],
    [asBasic, basic('harbor:a:b'), undefined, true],
    [asBasic, basic('harbor:a'), undefined, false],
    [asBasic, basic('Harbor:a:b'), undefined, false],
    [asBasic, 'Bearer t', undefined, false],
    [asBasic, undefined, undefined, false],
    [asBearer, 'Bearer t', undefined, true],
    [asBearer, 'bearer t', undefined, true],
    [asBearer, 'Bearer T', undefined, false],
    [asBearer, basic('t:'), undefined, false],
    [asKey, undefined, 'k', true],
    [asKey, undefined, 'kk', false],
    [asKey, 'Bearer k', undefined, false],
    [asKey, undefined, undefined, false],
    // A secret that was never set opens nothing.
    [{ kind: 'api-key', key: '' }, undefined, undefined, false],
    [{ kind: 'basic', username: '', password: '' }, basic(':'), undefined, false],
  ])('%j asked with %s, key %s: %s', (demanded, authorization, apiKey, allowed) => {
    expect(isAuthentic(demanded, { authorization, apiKey })).toBe(allowed);
  });

  it.each<[AdapterAuthentication, string]>([
    [asBasic, 'Basic realm='],
    [asBearer, 'Bearer realm='],
    [asKey, 'header="X-ScannerAdapter-API-Key"'],
  ])('a refusal of %j says how', (demanded, words) => {
    expect(challenge(demanded)).toContain(words);
  });
});
