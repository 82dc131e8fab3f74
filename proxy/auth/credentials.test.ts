import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { namedCredentials, parseAuthorization } from './credentials.ts';

const encoded = (bytes: string | Buffer) => `Basic ${Buffer.from(bytes).toString('base64')}`;

describe('parseAuthorization', () => {
  it.each([
    ['nothing', undefined, { kind: 'none' }],
    ['Basic', encoded('bob:pw'), { kind: 'basic', user: 'bob', password: 'pw' }],
    ['basic', encoded('bob:pw').replace('Basic', 'bAsIc'), { kind: 'basic', user: 'bob', password: 'pw' }],
    ['a password with colons', encoded('bob:p:w:'), { kind: 'basic', user: 'bob', password: 'p:w:' }],
    ['UTF-8', encoded('élodie:pä'), { kind: 'basic', user: 'élodie', password: 'pä' }],
    ['Bearer', 'Bearer abc', { kind: 'bearer', token: 'abc' }],
  ])('reads %s', (_what, header, credentials) => {
    expect(parseAuthorization(header)).toEqual(credentials);
  });
  it.each([
    ['an empty header', '', /neither Basic nor Bearer/],
    ['another scheme', 'Digest username="bob"', /neither/],
    ['a scheme alone', 'Bearer', /no token/],
    ['no base64', 'Basic b o b', /base64/],
    ['no colon', encoded('bob'), /no colon/],
    ['Latin-1', encoded(Buffer.from('bob:p\xe4', 'latin1')), /not UTF-8/],
    ['the replacement character', encoded('bob:\ufffd'), /not UTF-8/],
    ['no user', encoded(':pw'), /no user or no password/],
    ['no password', encoded('bob:'), /no user or no password/],
    ['a NUL in the password', encoded('bob:pw\0x'), /control/],
    ['a line break in the user', encoded('bo\nb:pw'), /control/],
    ['a user that is too long', encoded(`${'b'.repeat(256)}:pw`), /more than 255/],
    ['a megabyte', `Bearer ${'a'.repeat(1024 ** 2)}`, /more than 8192 characters/],
  ])('refuses %s', (_what, header, why) => {
    const read = parseAuthorization(header);
    expect(read).toEqual({ kind: 'invalid', why: expect.stringMatching(why) });
  });
  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => parseAuthorization(`Basic ${text}`).kind !== 'none'));
    fc.assert(
      fc.property(
        fc.uint8Array(),
        (bytes) => parseAuthorization(encoded(Buffer.from(bytes))).kind !== 'none',
      ),
    );
  });
  it('keeps every password that it takes apart from every other', () => {
    const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !text.includes(':'));
    fc.assert(
      fc.property(name, fc.string({ minLength: 1, unit: 'grapheme' }), (user, password) => {
        const direct = namedCredentials(user, password);
        const read = parseAuthorization(encoded(`${user}:${password}`));
        expect(read.kind).toBe(direct.kind);
        if (read.kind === 'basic') expect(read).toEqual({ kind: 'basic', user, password });
      }),
    );
  });
});
