import { describe, expect, it } from '@jest/globals';
import { type OciAccess, ociPlace } from './oci-place.ts';

const access: OciAccess = {
  upstreams: [
    {
      name: 'corp',
      namespace: 'registry.corp',
      url: 'http://10.0.0.1:5000',
      credentials: { username: 'pratique', password: 'pw' },
    },
  ],
  env: { DOCKER_CONFIG: '/nowhere' },
  credentials: null,
  plainHttp: false,
};
const digest = `sha256:${'a'.repeat(64)}`;

describe('oci://…', () => {
  const places: readonly [text: string, url: string, path: string, shown: string][] = [
    ['oci://r.test/a/b:1', 'https://r.test', 'a/b', 'oci://r.test/a/b:1'],
    ['oci://r.test:5000/a', 'https://r.test:5000', 'a', 'oci://r.test:5000/a'],
    [
      'oci://127.0.0.1:5000/hosted/a:1',
      'http://127.0.0.1:5000',
      'hosted/a',
      'oci://127.0.0.1:5000/hosted/a:1',
    ],
    ['oci://localhost/a:1', 'http://localhost', 'a', 'oci://localhost/a:1'],
    ['oci://docker.io/corp/a:1', 'https://registry-1.docker.io', 'corp/a', 'oci://docker.io/corp/a:1'],
    [`oci://r.test/a:1@${digest}`, 'https://r.test', 'a', `oci://r.test/a:1@${digest}`],
    ['oci://registry.corp/a:1', 'http://10.0.0.1:5000', 'a', 'oci://registry.corp/a:1'],
  ];
  it.each(places)('%s', (text, url, path, shown) => {
    const place = ociPlace(text, access);
    expect([place.upstream.url, place.reference.path, place.text]).toEqual([url, path, shown]);
  });

  it.each([
    'oci://a:1',
    'oci://corp/a:1',
    'oci://',
    'oci:///a',
    'oci:r.test/a',
    'oci://r.test/',
    'oci://r.test/A:1',
    'oci://r.test/a@sha256:12',
    'oci://u:p@r.test/a:1',
  ])('is not %s', (text) => {
    expect(() => ociPlace(text, access)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(usage|reference)-invalid$/) }),
    );
  });

  it('has the credentials of the command line before those of the configuration', () => {
    const credentials = { username: 'me', password: 'x' };
    const of = (text: string, given: OciAccess) => ociPlace(text, given).upstream.credentials;
    expect(of('oci://registry.corp/a:1', access)).toEqual({ username: 'pratique', password: 'pw' });
    expect(of('oci://registry.corp/a:1', { ...access, credentials })).toEqual(credentials);
    expect(of('oci://r.test/a:1', access)).toBeNull();
  });

  it('speaks HTTP elsewhere only where that is said', () => {
    expect(ociPlace('oci://r.test/a:1', { ...access, plainHttp: true }).upstream.url).toBe('http://r.test');
  });
});
