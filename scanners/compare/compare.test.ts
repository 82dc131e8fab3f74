import { describe, expect, it } from '@jest/globals';
import type { Finding, MatchResult } from '../../core/finding.ts';
import type { Package } from '../../core/inventory.ts';
import { compareFindings } from './compare.ts';

const finding = (fields: Partial<Finding>): Finding => ({
  id: 'CVE-2024-0001',
  kind: 'vulnerability',
  aliases: [],
  package: 'openssl',
  source: 'openssl',
  packageType: 'deb',
  version: '3.0.1-1',
  purl: '',
  severity: 'high',
  cvss: null,
  status: 'fixed',
  fixedVersion: '3.0.2-1',
  kev: null,
  epss: null,
  published: null,
  fixedSince: null,
  url: '',
  summary: '',
  ...fields,
});
const one = (name: string, version: string, fields: Partial<Package> = {}): Package => ({
  type: 'deb',
  name,
  version,
  arch: null,
  source: { name, version },
  purl: '',
  layer: null,
  paths: [],
  licenses: [],
  ...fields,
});
const match = (findings: readonly Finding[], open: readonly string[] = []): MatchResult => ({
  findings,
  coverage: open.map((ecosystem) => ({
    ecosystem,
    release: ecosystem.split(':')[1] ?? null,
    feed: null,
    updatedAt: null,
    covered: false,
    packages: 1,
  })),
  advisories: { revision: 'r', updatedAt: null },
  endOfLife: null,
});
const provenance = {
  scanner: { name: 'grype', version: '1' },
  databaseAt: null,
  scannedAt: '',
  validUntil: '',
};

function compare(
  ours: MatchResult,
  theirs: MatchResult,
  packages: readonly Package[] = [one('openssl', '3.0.1-1')],
  known: readonly string[] = [],
) {
  const isKnown = (id: string): boolean => known.includes(id);
  return compareFindings({ packages, ours, theirs: { ...theirs, provenance }, isKnown });
}

describe('two scanners', () => {
  it.each<[what: string, ours: Partial<Finding>, theirs: Partial<Finding>]>([
    ["by a distribution's own id", { id: 'DEBIAN-CVE-2024-0001' }, {}],
    ['by an alias', { id: 'GHSA-1', aliases: ['CVE-2024-0001'] }, {}],
    ['by an alias of the other', {}, { id: 'GHSA-1', aliases: ['CVE-2024-0001'] }],
    ['in another case', { package: 'Flask', packageType: 'pypi' }, { package: 'flask', packageType: 'pypi' }],
    [
      "with Python's other hyphens",
      { package: 'a_b', packageType: 'pypi' },
      { package: 'a-b', packageType: 'pypi' },
    ],
    ['without the epoch', { version: '1:2' }, { version: '2' }],
    ["without Go's v", { version: 'v1.2.3' }, { version: '1.2.3' }],
    ["of Go's own library", { version: 'go1.22.1' }, { version: '1.22.1' }],
    ['of which one names several fixes', {}, { fixedVersion: '2, 3.0.2-1' }],
  ])('agree on a finding %s', (_, ours, theirs) => {
    const { both, onlyOurs, onlyTheirs } = compare(match([finding(ours)]), match([finding(theirs)]));
    expect([both.map(({ name, differs }) => [name, differs]), onlyOurs, onlyTheirs]).toEqual([
      [['CVE-2024-0001', []]],
      [],
      [],
    ]);
  });

  it.each<[ours: Partial<Finding>, theirs: Partial<Finding>, differs: string[]]>([
    [{}, { severity: 'low' }, ['severity: high here, low there']],
    [{}, { fixedVersion: null, status: 'affected' }, ['fix: 3.0.2-1 here, none there']],
    [
      { fixedVersion: null, status: 'will_not_fix' },
      { fixedVersion: null, status: 'affected' },
      ['status: will_not_fix here, affected there'],
    ],
    [{ kind: 'bugfix' }, {}, ['kind: bugfix here, vulnerability there']],
  ])('differ on one that both find: %j and %j', (ours, theirs, differs) => {
    expect(compare(match([finding(ours)]), match([finding(theirs)])).both[0]?.differs).toEqual(differs);
  });

  it('count a package at two places once', () => {
    const twice = match([finding({ purl: 'a' }), finding({ purl: 'b' })]);
    expect(compare(twice, match([])).onlyOurs).toHaveLength(1);
  });

  it.each<[what: string, ours: Partial<Finding>, theirs: MatchResult, why: RegExp]>([
    ['is about a bug', { kind: 'bugfix' }, match([]), /about a bug/],
    ['is of a system that it has not looked at', {}, match([], ['Debian:12']), /not looked at Debian:12/],
    [
      'it names for another package of the source',
      {},
      match([finding({ package: 'libssl3' })]),
      /for libssl3/,
    ],
    ['has no fix', { fixedVersion: null, status: 'affected' }, match([]), /there is no fix/],
    [
      'is of another version there',
      {},
      match([finding({ id: 'CVE-1', version: '9' })]),
      /has found openssl 9/,
    ],
    ['it does not know', {}, match([finding({ id: 'CVE-1' })]), /does not know the advisory/],
    ['is of a package that it says nothing of', {}, match([]), /says nothing of openssl/],
    ['cannot be compared', { status: 'undetermined' }, match([]), /cannot be compared here/],
  ])('are told why the other one does not find what %s', (_, ours, theirs, why) => {
    expect(compare(match([finding(ours)]), theirs).onlyOurs[0]?.why).toMatch(why);
  });

  it.each<
    [what: string, theirs: Partial<Finding>, ours: MatchResult, packages: readonly Package[], why: RegExp]
  >([
    ['has a package that is not there', {}, match([]), [], /no package openssl was found here/],
    ['has another version', {}, match([]), [one('openssl', '9')], /found here is openssl 9/],
    [
      'names a source package',
      {},
      match([]),
      [one('libssl3', '9', { source: { name: 'openssl', version: '9' } })],
      /source package/,
    ],
    [
      'is of a system without advisories',
      {},
      match([], ['Debian:12']),
      [one('openssl', '3.0.1-1')],
      /no advisories of Debian:12/,
    ],
    [
      'is of what the distribution brought',
      { packageType: 'pypi' },
      match([]),
      [one('openssl', '3.0.1-1', { type: 'pypi', ownedBy: 'python3-openssl' })],
      /brought it with python3-openssl/,
    ],
    [
      'is found here elsewhere',
      {},
      match([finding({ package: 'libssl3' })]),
      [one('openssl', '3.0.1-1')],
      /in libssl3/,
    ],
    [
      'is known here',
      { id: 'CVE-2024-0009' },
      match([]),
      [one('openssl', '3.0.1-1')],
      /do not take this version/,
    ],
    ['is known to nobody here', {}, match([]), [one('openssl', '3.0.1-1')], /no advisory here/],
  ])('are told why the built-in one does not find what %s', (_, theirs, ours, packages, why) => {
    const { onlyTheirs } = compare(ours, match([finding(theirs)]), packages, ['CVE-2024-0009']);
    expect(onlyTheirs[0]?.why).toMatch(why);
  });
});
