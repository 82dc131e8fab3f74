import { describe, expect, it } from '@jest/globals';
import { canonicalName } from '../core/repository.ts';
import { createAddressing, type UpstreamName } from './addressing.ts';
import { isOciError } from './oci-error.ts';

const upstreams: UpstreamName[] = [
  { name: 'docker.io', namespace: 'docker.io' },
  { name: 'corp', namespace: 'Registry.corp:5443' },
  { name: 'mirror/quay', namespace: 'quay.io' },
  { name: 'tls', namespace: 'tls.corp:443', url: 'https://tls.corp' },
  { name: 'plain', namespace: 'plain.corp', url: 'http://10.0.0.1:5000' },
];
const addressing = createAddressing({
  upstreams,
  publicNames: ['localhost:5000', 'Proxy.corp'],
  boundNames: new Map([
    ['hub.corp', 'docker.io'],
    ['own.corp:5002', 'hosted'],
  ]),
});

describe('upstreamOf: below what names without an alias are', () => {
  it.each([
    [null, null, null],
    ['localhost:5000', 'docker.io', null],
    ['quay.io', null, 'mirror/quay'],
    ['hub.corp', null, 'docker.io'],
    [null, 'hosted', 'hosted'],
    ['nowhere.test', null, 'NAME_UNKNOWN'],
    [null, 'gone', 'NAME_UNKNOWN'],
  ])('ns=%s bound=%s → %s', (ns, bound, expected) => {
    const found = addressing.upstreamOf(ns, bound);
    expect(typeof found === 'object' && found !== null ? found.code : found).toBe(expected);
  });
});

describe('addressOf: every spelling of a repository is that repository', () => {
  it.each([
    ['docker.io/library/nginx', null, null, 'docker.io/library/nginx'],
    ['docker.io/nginx', null, null, 'docker.io/library/nginx'],
    ['library/nginx', 'docker.io', null, 'docker.io/library/nginx'],
    ['nginx', 'docker.io', null, 'docker.io/library/nginx'],
    ['nginx', 'DOCKER.IO', null, 'docker.io/library/nginx'],
    ['library/nginx', 'registry-1.docker.io', null, 'docker.io/library/nginx'],
    ['library/nginx', null, 'docker.io', 'docker.io/library/nginx'],
    ['nginx', null, 'docker.io', 'docker.io/library/nginx'],
    // On a bound host the whole name is the path, whatever upstreams there are.
    ['corp/app', null, 'docker.io', 'docker.io/corp/app'],
    ['docker.io/library/nginx', null, 'docker.io', 'docker.io/docker.io/library/nginx'],
    ['hosted/team/app', null, 'docker.io', 'docker.io/hosted/team/app'],
    ['team/app', null, 'hosted', 'hosted/team/app'],
    ['corp/app', null, 'hosted', 'hosted/corp/app'],
    // Who says which registry he means is heard, on a bound host too: its content never comes under another's name.
    ['org/app', 'quay.io', 'docker.io', 'quay.io/org/app'],
    ['nginx', 'hub.corp', null, 'docker.io/library/nginx'],
    ['team/app', 'own.corp:5002', null, 'hosted/team/app'],
    ['corp/app', 'localhost:5000', 'docker.io', 'registry.corp:5443/app'],
    ['corp/app', null, null, 'registry.corp:5443/app'],
    ['app', 'registry.corp:5443', null, 'registry.corp:5443/app'],
    ['org/app', 'quay.io:443', null, 'quay.io/org/app'],
    ['app', 'plain.corp:80', null, 'plain.corp/app'],
    ['mirror/quay/org/app', null, null, 'quay.io/org/app'],
    // A namespace that is this proxy itself is no mirror form.
    ['corp/app', 'proxy.corp', null, 'registry.corp:5443/app'],
  ])('%s ns=%s bound=%s → %s', (name, ns, bound, expected) => {
    const found = addressing.addressOf(name, ns, bound);
    if (isOciError(found)) throw new Error(found.message);
    expect(canonicalName(found)).toBe(expected);
  });

  it.each([
    ['library/nginx', null, null],
    ['docker.io', null, null],
    ['docker', null, null],
    ['mirror/app', null, null],
    ['hosted', null, null],
    ['hostedx/app', null, null],
    ['constructor/app', null, null],
    ['app', '169.254.169.254', null],
    ['app', 'registry.corp', null],
    ['app', 'quay.io:0443', null],
    ['app', 'quay.io.', null],
    ['app', '__proto__', null],
    ['app', null, 'gone'],
    ['app', 'elsewhere.corp', 'docker.io'],
    ['app', 'own.corp', null],
  ])('%s ns=%s bound=%s is refused', (name, ns, bound) => {
    expect(addressing.addressOf(name, ns, bound)).toMatchObject({ status: 404, code: 'NAME_UNKNOWN' });
  });
});

describe('locate: image references', () => {
  it.each([
    ['docker.io', 'library/nginx', 'docker.io/library/nginx'],
    ['localhost:5000', 'docker.io/library/nginx', 'docker.io/library/nginx'],
    ['localhost:5000', 'docker.io/nginx', 'docker.io/library/nginx'],
    ['proxy.corp', 'corp/app', 'registry.corp:5443/app'],
    ['registry.corp:5443', 'app', 'registry.corp:5443/app'],
    ['hub.corp', 'library/nginx', 'docker.io/library/nginx'],
    ['hub.corp:443', 'library/nginx', 'docker.io/library/nginx'],
    ['docker.io:443', 'library/nginx', 'docker.io/library/nginx'],
    ['Quay.io:443', 'org/app', 'quay.io/org/app'],
    ['tls.corp', 'app', 'tls.corp/app'],
    ['tls.corp:443', 'app', 'tls.corp/app'],
    ['plain.corp', 'app', 'plain.corp/app'],
    ['plain.corp:80', 'app', 'plain.corp/app'],
    ['plain.corp:443', 'app', 'plain.corp/app'],
    ['localhost:5000', 'hosted/team/app', 'hosted/team/app'],
    ['own.corp:5002', 'team/app', 'hosted/team/app'],
  ])('%s/%s → %s', (registry, path, expected) => {
    const found = addressing.locate(registry, path);
    expect(found && canonicalName(found)).toBe(expected);
  });

  it.each([
    ['ghcr.io', 'org/app'],
    ['localhost:5000', 'library/nginx'],
    ['localhost:5001', 'docker.io/library/nginx'],
    ['docker.io:80', 'library/nginx'],
    ['docker.io:0443', 'library/nginx'],
    ['docker.io.', 'library/nginx'],
    ['plain.corp:8080', 'app'],
  ])('%s/%s is nobody’s', (registry, path) => {
    expect(addressing.locate(registry, path)).toBeNull();
  });
});

describe('names of the proxy itself', () => {
  it.each([
    ['localhost:5000', true],
    ['proxy.corp', true],
    ['hub.corp:443', true],
    ['own.corp:5002', true],
    ['docker.io', false],
    ['plain.corp:80', false],
    ['elsewhere.corp', false],
    ['', false],
  ])('%s: %s', (host, own) => {
    expect(addressing.isOwn(host)).toBe(own);
  });
});

describe('configurations in which a name could mean two things', () => {
  const one = { name: 'a', namespace: 'a.corp' };
  it.each([
    ['reserved', [{ name: 'hosted', namespace: 'h.corp' }], []],
    ['reserved', [{ name: 'hosted/x', namespace: 'h.corp' }], []],
    ['reserved', [{ name: 'a', namespace: 'Hosted' }], []],
    ['not a path', [{ name: 'a:5000', namespace: 'h.corp' }], []],
    ['two upstreams are named', [one, { name: 'a', namespace: 'b.corp' }], []],
    ['begin alike', [one, { name: 'a/b', namespace: 'b.corp' }], []],
    ['both stand for', [one, { name: 'b', namespace: 'A.corp' }], []],
    ['both stand for', [upstreams[0] ?? one, { name: 'b', namespace: 'index.docker.io' }], []],
    ['both stand for', [one, { name: 'b', namespace: 'a.corp:443' }], []],
    ['is not a host', [{ name: 'b', namespace: 'a.corp:080' }], []],
    ['is not a host', [{ name: 'b', namespace: 'a.corp.' }], []],
    ['a name of this proxy and the namespace', [one], ['a.corp']],
  ])('%s', (message, names, publicNames) => {
    expect(() => createAddressing({ upstreams: names, publicNames })).toThrow(message);
  });
  it.each([
    ['is bound to "b", which is no upstream', [['x.corp', 'b']]],
    [
      'is bound to "a" and to "hosted"',
      [
        ['x.corp', 'a'],
        ['X.corp:443', 'hosted'],
      ],
    ],
    ['a name of the whole proxy', [['proxy.corp', 'a']]],
    ['a name of this proxy and the namespace', [['a.corp', 'a']]],
  ] as [string, [string, string][]][])('a host that %s', (message, bound) => {
    expect(() =>
      createAddressing({ upstreams: [one], publicNames: ['proxy.corp'], boundNames: new Map(bound) }),
    ).toThrow(message);
  });
});
