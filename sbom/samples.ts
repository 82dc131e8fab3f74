import { type Digest, parseDigest } from '../core/digest.ts';
import type { Inventory, Package } from '../core/inventory.ts';
import type { SbomInput } from './subject.ts';

/** An image of Debian with a package of each sort, for tests. */
export function digestOf(letter: string): Digest {
  const digest = parseDigest(`sha256:${letter.repeat(64)}`);
  if (digest === null) throw new Error('no digest');
  return digest;
}

export function libssl(fields: Partial<Package> = {}): Package {
  return {
    type: 'deb',
    name: 'libssl3',
    version: '3.0.15-1~deb12u1',
    arch: 'amd64',
    source: { name: 'openssl', version: '3.0.15-1~deb12u1' },
    purl: 'pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12',
    layer: digestOf('b'),
    paths: [],
    licenses: ['Apache-2.0'],
    ...fields,
  };
}

export function lodash(fields: Partial<Package> = {}): Package {
  return {
    type: 'npm',
    name: '@scope/lodash',
    version: '4.17.21',
    arch: null,
    source: { name: '@scope/lodash', version: '4.17.21' },
    purl: 'pkg:npm/%40scope/lodash@4.17.21',
    layer: digestOf('c'),
    paths: ['app/node_modules/@scope/lodash/package.json'],
    licenses: ['MIT'],
    ...fields,
  };
}

export function input(fields: Partial<Inventory> = {}, rest: Partial<SbomInput> = {}): SbomInput {
  return {
    inventory: {
      os: { id: 'debian', versionId: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
      platform: { os: 'linux', architecture: 'amd64', variant: null },
      packages: [libssl(), lodash()],
      incomplete: [],
      unfit: [],
      analyzers: 'dpkg 1',
      content: 'image',
      facts: null,
      checks: [],
      ...fields,
    },
    repository: 'library/nginx',
    repositoryUrl: 'harbor.example:8443/library/nginx',
    digest: digestOf('a'),
    created: Date.UTC(2026, 5, 1, 12, 30, 15, 250),
    tool: { name: 'Pratique', version: '0.1.0' },
    ...rest,
  };
}
