import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { MatchResult } from '../../core/finding.ts';
import type { OperatingSystem, Package, PackageType } from '../../core/inventory.ts';
import type { Advisory, AdvisoryIndex } from '../../core/ports/advisories.ts';
import { type OsvRecord, osvRecord } from '../../test/support/osv.ts';
import { words } from '../comprehensive.ts';
import { parseOsvRecord } from '../feeds/osv/parse.ts';
import { ecosystemState, emptyIndex } from '../samples-index.ts';
import { matchInventory } from './index.ts';

function indexOf(records: readonly OsvRecord[], uncovered: readonly string[] = []): AdvisoryIndex {
  const advisories = records.map((record): Advisory => {
    const parsed = parseOsvRecord(record);
    if (!('advisory' in parsed)) throw new Error(JSON.stringify(parsed));
    return parsed.advisory;
  });
  const rows = advisories.flatMap((advisory) =>
    advisory.affected.map((affected) => ({ advisory, affected })),
  );
  const state = { rows: 100, familyRows: 100 };
  return {
    ...emptyIndex,
    ecosystem: (ecosystem) =>
      uncovered.includes(ecosystem) ? null : ecosystemState({ ecosystem, ...state }),
    affecting: (ecosystem, name) =>
      rows.filter(({ affected }) => affected.ecosystem === ecosystem && affected.name === name),
    packagesEnding: (ecosystem, ending) =>
      rows.flatMap(({ affected }) =>
        affected.ecosystem === ecosystem && affected.name.endsWith(ending) ? [affected.name] : [],
      ),
  };
}

const pack = (type: PackageType, name: string, version: string, more: Partial<Package> = {}): Package => ({
  ...{ type, name, version, arch: null, source: { name, version }, purl: `pkg:${type}/${name}@${version}` },
  ...{ layer: null, paths: [], licenses: [], ...more },
});
const match = (
  os: OperatingSystem | null,
  index: AdvisoryIndex,
  ...packages: readonly Package[]
): MatchResult =>
  matchInventory(
    {
      ...{ os, platform: null, packages, incomplete: [], unfit: [], analyzers: 't/1' },
      ...{ content: 'image', facts: null, checks: [] },
    },
    index,
  );
const ids = ({ findings }: MatchResult): string[] => findings.map((one) => `${one.package} ${one.id}`).sort();

const debian = { id: 'debian', versionId: '12', name: 'Debian' };
const ubuntu = { id: 'ubuntu', versionId: '22.04', name: 'Ubuntu' };
const alpine = { id: 'alpine', versionId: '3.19.1', name: 'Alpine' };
const alma = { id: 'almalinux', versionId: '9.3', name: 'AlmaLinux' };

/** PyPI knows of two; `known` and `other` are CVEs. */
const pypi = [
  osvRecord({ id: 'GHSA-1', ecosystem: 'PyPI', package: 'requests', fixed: '3', aliases: ['CVE-1'] }),
  osvRecord({ id: 'GHSA-2', ecosystem: 'PyPI', package: 'requests', fixed: '3', aliases: ['CVE-2'] }),
];
const malware = osvRecord({ id: 'MAL-1', ecosystem: 'PyPI', package: 'requests' });
const said = (ecosystem: string, name: string, fixed: string, id = 'DEBIAN-CVE-1'): OsvRecord =>
  osvRecord({ id, ecosystem, package: name, fixed, upstream: ['CVE-1'] });

const requests = pack('pypi', 'requests', '2.28.1', { ownedBy: 'python3-requests' });
const owner = pack('deb', 'python3-requests', '2.28.1+dfsg-1', {
  source: { name: 'requests', version: '2.28.1+dfsg-1' },
});

describe('a Python project that a package of the distribution brought', () => {
  const fixed = said('Debian:12', 'requests', '2.28.1+dfsg-1');
  const open = said('Debian:12', 'requests', '2.28.1+dfsg-2');
  const both = ['requests GHSA-1', 'requests GHSA-2'];
  const all = indexOf([...pypi, fixed]);

  it.each<readonly [string, OperatingSystem | null, AdvisoryIndex, readonly Package[], readonly string[]]>([
    ['fixed there', debian, all, [owner, requests], []],
    ['open there', debian, indexOf([...pypi, open]), [owner, requests], ['python3-requests DEBIAN-CVE-1']],
    ['never named, but called as Debian calls such', debian, indexOf(pypi), [owner, requests], []],
    ['on Ubuntu', ubuntu, indexOf(pypi), [owner, requests], []],
    ['in two architectures', debian, all, [owner, { ...owner, arch: 'i386' }, requests], []],
    [
      'with an epoch',
      debian,
      all,
      [{ ...owner, source: { name: 'requests', version: '9:2.28.1-1' } }, requests],
      [],
    ],
    ['with malware in it', debian, indexOf([...pypi, malware]), [owner, requests], ['requests MAL-1']],
    // What is not certain is reported.
    ['owned by nobody', debian, all, [owner, pack('pypi', 'requests', '2.28.1')], both],
    ['owned by what is not there', debian, all, [requests], both],
    [
      'and one that somebody else brought',
      debian,
      all,
      [owner, requests, pack('pypi', 'requests', '2.28.1')],
      both,
    ],
    ['of a system without feed', debian, indexOf(pypi, ['Debian:12']), [owner, requests], both],
    ['of a release that nobody knows', { ...debian, versionId: '' }, all, [owner, requests], both],
    ['of no system', null, all, [owner, requests], both],
    ['by a package of another system', alpine, all, [owner, requests], both],
    [
      'in another version, a copy in it',
      debian,
      all,
      [owner, { ...requests, version: '2.28.0' }],
      ['requests GHSA-2'],
    ],
    [
      'in a version that only begins alike',
      debian,
      all,
      [owner, { ...requests, version: '2.28' }],
      ['requests GHSA-2'],
    ],
    [
      'by a package that somebody else made',
      debian,
      all,
      [
        { ...owner, name: 'tool', source: { name: 'tool', version: '2.28.1-1' } },
        { ...requests, ownedBy: 'tool' },
      ],
      both,
    ],
  ])('%s', (_, os, index, packages, expected) => {
    expect(ids(match(os, index, ...packages))).toEqual(expected);
  });

  it.each<readonly [string, OperatingSystem, Package, OsvRecord]>([
    [
      'Alpine',
      alpine,
      pack('apk', 'py3-requests', '2.28.1-r0'),
      said('Alpine:v3.19', 'py3-requests', '2.28.1-r0'),
    ],
    [
      'AlmaLinux',
      alma,
      pack('rpm', 'py3-requests', '2.28.1-1.el9'),
      said('AlmaLinux:9', 'py3-requests', '2.28.1-1.el9', 'ALSA-1'),
    ],
  ])('keeps on %s what its advisories do not name, since they list fixes alone', (_, os, by, record) => {
    const one = { ...requests, ownedBy: by.name };
    expect(ids(match(os, indexOf([...pypi, record]), by, one))).toEqual(['requests GHSA-2']);
    expect(ids(match(os, indexOf(pypi), by, one))).toEqual(both);
  });

  it('keeps what bug fixes name, and what is about several CVEs of which one is named', () => {
    const bugfix = said('AlmaLinux:9', 'by', '2.28.1-1', 'ALBA-1');
    const by = pack('rpm', 'by', '2.28.1-1');
    const one = { ...requests, ownedBy: 'by' };
    expect(ids(match(alma, indexOf([...pypi, bugfix]), by, one))).toEqual(both);
    const several = osvRecord({
      id: 'GHSA-3',
      ecosystem: 'PyPI',
      package: 'requests',
      fixed: '3',
      aliases: ['CVE-1', 'CVE-3'],
    });
    expect(
      ids(match(alma, indexOf([several, said('AlmaLinux:9', 'by', '2.28.1-1', 'ALSA-1')]), by, one)),
    ).toEqual(['requests GHSA-3']);
  });

  it('needs no advisories of its language where the distribution speaks for it, and stays in the inventory', () => {
    const covered = ({ coverage }: MatchResult): string[] =>
      coverage.map(({ ecosystem, packages }) => `${ecosystem} ${packages}`);
    const without = indexOf([fixed], ['PyPI']);
    expect(covered(match(debian, without, owner, requests))).toEqual(['Debian:12 1']);
    expect(covered(match(debian, without, owner, requests, pack('pypi', 'a', '1')))).toEqual([
      'Debian:12 1',
      'PyPI 1',
    ]);
    expect(covered(match(alpine, without, pack('apk', 'a', '1'), { ...requests, ownedBy: 'a' }))).toEqual([
      'Alpine:v3.19 1',
      'PyPI 1',
    ]);
  });
});

describe('packages of other languages', () => {
  const record = (ecosystem: string, name: string): OsvRecord =>
    osvRecord({ id: 'GHSA-1', ecosystem, package: name, fixed: '9', aliases: ['CVE-1'] });
  it.each<readonly [PackageType, string, string, string, readonly string[]]>([
    ['npm', 'npm', 'minimist', 'node-minimist', []],
    ['maven', 'Maven', 'commons-io:commons-io', 'libcommons-io-java', []],
    ['npm', 'npm', 'minimist', 'application', ['minimist GHSA-1']],
    // Programs hold what they were built with, of which a distribution speaks elsewhere.
    ['golang', 'Go', 'stdlib', 'docker.io', ['stdlib GHSA-1']],
  ])('%s: of %s’s %s, brought by %s, %j stay', (type, ecosystem, name, by, expected) => {
    const index = indexOf([record(ecosystem, name)]);
    const one = pack(type, name, '1.2.3', { ownedBy: by });
    expect(ids(match(debian, index, pack('deb', by, '1.2.3-1'), one))).toEqual(expected);
  });

  it('a Go program’s, which the distribution names for it', () => {
    const index = indexOf([record('Go', 'stdlib'), said('Debian:12', 'docker.io', '1.2.3-1')]);
    const one = pack('golang', 'stdlib', '1.2.3', { ownedBy: 'docker.io' });
    expect(ids(match(debian, index, pack('deb', 'docker.io', '1.2.3-1'), one))).toEqual([]);
  });

  it('stays quick where very many packages claim one owner, or one owner has very many rows', () => {
    const index = indexOf(
      Array.from({ length: 2000 }, (_, i) => said('Debian:12', 'docker.io', '1', `DEBIAN-CVE-${i}`)),
    );
    const many = Array.from({ length: 3000 }, (_, i) =>
      pack('golang', `m${i}`, '1', { ownedBy: 'docker.io' }),
    );
    const owners = Array.from({ length: 3000 }, (_, i) => pack('rpm', 'same', `${i}-1`));
    const start = Date.now();
    match(debian, index, pack('deb', 'docker.io', '1.2.3-1'), ...many);
    match(alma, index, ...owners, ...many.map((one) => ({ ...one, ownedBy: 'same' })));
    expect(Date.now() - start).toBeLessThan(5000);
  });
});

it('the table of feeds is the one in the docs', () => {
  const docs = readFileSync('docs/matching.md', 'utf8').replaceAll(/ +/g, ' ');
  for (const [name, { silence, why }] of words) expect(docs).toContain(`| ${name} | ${silence} | ${why} |`);
});
