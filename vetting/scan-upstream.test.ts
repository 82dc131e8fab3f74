import { describe, expect, it } from '@jest/globals';
import { parseDigest } from '../core/digest.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { RegistryAuthorization, ScanSource } from '../core/ports/scans.ts';
import { placeOf, type ScanRegistries } from './scan-upstream.ts';

const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
if (digest === null) throw new Error('not a digest');
const source: ScanSource = {
  registry: 'https://harbor.corp',
  insecure: false,
  authorization: { kind: 'none' },
  repository: 'library/nginx',
  digest,
};
const anywhere: ScanRegistries = { hosts: null, ca: null, names: new Map(), realms: [] };

describe('the place of a scan', () => {
  it.each<[string, Partial<ScanSource>, Partial<ScanRegistries>, object]>([
    [
      'by its host',
      {},
      {},
      {
        address: { upstream: 'harbor:harbor.corp', namespace: 'harbor.corp', path: 'library/nginx' },
        config: { url: 'https://harbor.corp', credentials: null },
      },
    ],
    [
      'with a port, and plain where that is said',
      { registry: 'http://core:8080', insecure: true },
      { hosts: ['core:8080'] },
      {
        address: { upstream: 'harbor:core:8080', namespace: 'core:8080' },
        config: { url: 'http://core:8080' },
      },
    ],
    [
      'under the name that people know',
      { registry: 'http://CORE:8080/', insecure: true },
      { names: new Map([['core:8080', 'harbor.corp']]) },
      { address: { upstream: 'harbor:core:8080', namespace: 'harbor.corp' } },
    ],
    ['with an authority of its own', {}, { ca: 'PEM' }, { config: { ca: 'PEM' } }],
    [
      'with realms',
      {},
      { realms: ['auth.corp'] },
      { config: { realms: ['auth.corp'], ownRealmPath: '/service/token' } },
    ],
  ])('%s', (_what, asked, registries, expected) => {
    expect(placeOf({ ...source, ...asked }, { ...anywhere, ...registries })).toMatchObject(expected);
  });

  it.each<[RegistryAuthorization, object | null]>([
    [{ kind: 'none' }, null],
    [
      { kind: 'basic', username: 'robot$1', password: 'a:b' },
      { username: 'robot$1', password: 'a:b' },
    ],
    [{ kind: 'bearer', token: 't' }, { bearer: 't' }],
  ])('with the rights that the request brings: %j', (authorization, credentials) => {
    expect(placeOf({ ...source, authorization }, anywhere).config.credentials).toEqual(credentials);
  });

  it.each<[string, Partial<ScanSource>, Partial<ScanRegistries>, ErrorCode]>([
    ['a host that is not named', {}, { hosts: ['other.corp'] }, 'registry-unknown'],
    [
      'another port of one that is',
      { registry: 'https://harbor.corp:8443' },
      { hosts: ['harbor.corp'] },
      'registry-unknown',
    ],
    ['plain HTTP that nobody allowed', { registry: 'http://harbor.corp' }, {}, 'usage-invalid'],
    ['a file', { registry: 'file:///etc' }, {}, 'reference-invalid'],
    ['a path', { registry: 'https://harbor.corp/x' }, {}, 'reference-invalid'],
    ['credentials in the address', { registry: 'https://a:b@harbor.corp' }, {}, 'reference-invalid'],
    ['nonsense', { registry: 'harbor.corp' }, {}, 'reference-invalid'],
    ['a repository that leaves its place', { repository: '../../service' }, {}, 'reference-invalid'],
    ['a repository with a query', { repository: 'a?b' }, {}, 'reference-invalid'],
  ])('is none with %s', (_what, asked, registries, code) => {
    expect(() => placeOf({ ...source, ...asked }, { ...anywhere, ...registries })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
