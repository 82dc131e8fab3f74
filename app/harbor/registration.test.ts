import { describe, expect, it } from '@jest/globals';
import { fakeScanner } from '../../test/support/fake-harbor-state.ts';
import { findRegistration, isLoopback, parseAdapterUrl, requestOf, sameAddress } from './registration.ts';
import { parseHarborVersion, refusesSbom } from './version.ts';

describe("the adapter's address", () => {
  it.each([
    ['http://pratique:5090', 'http://pratique:5090'],
    ['http://pratique:5090/', 'http://pratique:5090'],
    ['https://corp.example/pratique/', 'https://corp.example/pratique'],
  ])('%s', (text, url) => {
    expect(parseAdapterUrl(text)).toBe(url);
  });
  it.each([
    ['pratique', /an address such as/],
    ['ftp://pratique', /http:\/\/ or https:/],
    ['http://u:geheim@pratique', /found "http:\/\/…@pratique", allowed an address without credentials/],
    ['http://pratique/?a=b', /without query/],
    ['http://pratique:5090/api/v1/', /appends by itself: http:\/\/pratique:5090$/],
    ['http://pratique/x/api/v1/metadata', /appends by itself: http:\/\/pratique\/x$/],
  ])('%s is refused', (text, told) => {
    expect(() => parseAdapterUrl(text)).toThrow(told);
  });
});

describe('finding the registration', () => {
  const a = fakeScanner('a', 'Pratique', 'http://a:1');
  const b = fakeScanner('b', 'Other', 'http://b:1/');
  it.each([
    ['none', 'New', 'http://c:1', 'none', undefined],
    ['by both', 'Pratique', 'http://a:1/', 'same', 'a'],
    ['by address', 'New', 'http://b:1', 'same', 'b'],
    ['by name', 'Pratique', 'http://c:1', 'name', 'a'],
    ['two of them', 'Pratique', 'http://b:1', 'conflict', 'b'],
  ])('%s', (_what, name, url, kind, uuid) => {
    const match = findRegistration([a, b], name, url);
    expect([match.kind, match.kind === 'none' ? undefined : match.registration.uuid]).toEqual([kind, uuid]);
  });
});

describe('what Harbor is told', () => {
  const base = { name: 'P', url: 'http://p', useInternalAddress: false, skipCertificate: false };
  it.each([
    [{ kind: 'none' }, '', ''],
    [{ kind: 'basic', username: 'u', secret: 'a:b' }, 'Basic', 'u:a:b'],
    [{ kind: 'bearer', secret: 's' }, 'Bearer', 's'],
    [{ kind: 'api-key', secret: 's' }, 'APIKey', 's'],
  ] as const)('%j', (auth, type, credential) => {
    expect(requestOf({ ...base, auth }, '')).toMatchObject({ auth: type, access_credential: credential });
  });
  it('is no secret that Harbor would cut', () => {
    const auth = { kind: 'bearer', secret: 'x'.repeat(513) } as const;
    expect(() => requestOf({ ...base, auth }, '')).toThrow(/513 characters; Harbor keeps at most 512/);
  });
});

describe('addresses', () => {
  it.each([
    ['http://a:80', 'http://a', true],
    ['a:5090', 'http://a:5090/', true],
    ['http://A:1', 'http://a:1', true],
    ['https://a', 'http://a', false],
  ])('%s and %s are one: %p', (one, other, same) => {
    expect(sameAddress(one, other)).toBe(same);
  });
  it.each([
    ['http://localhost:1', true],
    ['http://127.0.1.1', true],
    ['http://[::1]:1', true],
    ['http://pratique', false],
    ['http://127.example', false],
  ])('%s is loopback: %p', (address, loopback) => {
    expect(isLoopback(address)).toBe(loopback);
  });
});

describe("Harbor's version", () => {
  it.each([
    ['v2.9.5-0a1b2c3d', true],
    ['v2.10.0', true],
    ['v1.10.1', true],
    ['v2.11.0-rc1', false],
    ['2.16.0', false],
    ['dev', null],
    ['', null],
    ['v2', null],
  ])('%s refuses SBOMs: %p', (text, refuses) => {
    const version = parseHarborVersion(text);
    expect(version === null ? null : refusesSbom(version)).toBe(refuses);
  });
});
