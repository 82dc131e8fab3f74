import { describe, expect, it } from '@jest/globals';
import { parseDigest } from './digest.ts';
import type { Package } from './inventory.ts';
import { packageIdentity } from './match.ts';

const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
if (digest === null) throw new Error('a digest of letters did not parse');
const one: Package = {
  ...{ type: 'deb', name: 'a', version: '1', arch: 'amd64', source: { name: 'a', version: '1' } },
  ...{ purl: 'pkg:deb/debian/a@1', layer: null, paths: [], licenses: [] },
};
const debian = { id: 'debian', versionId: '12', name: 'Debian' };
const identity = (more: Partial<Package>): string => packageIdentity(debian, { ...one, ...more }, []);

describe('the identity of a package', () => {
  it.each<readonly [string, Partial<Package>]>([
    ['layer', { layer: digest }],
    ['layer that changed it', { changedIn: digest }],
    ['place', { paths: ['var/lib/dpkg/status'] }],
    ['licence', { licenses: ['MIT'] }],
  ])('is the same whatever its %s', (_, more) => {
    expect(identity(more)).toBe(identity({}));
  });

  it.each<readonly [string, Partial<Package>]>([
    ['version', { version: '2' }],
    ['source', { source: { name: 'b', version: '1' } }],
    ['owner', { ownedBy: 'b' }],
    ['module', { modularityLabel: 'm:1:1:1' }],
  ])('is another with another %s', (_, more) => {
    expect(identity(more)).not.toBe(identity({}));
  });
});
