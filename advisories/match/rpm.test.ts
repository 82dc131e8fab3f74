import { describe, expect, it } from '@jest/globals';
import type { OperatingSystem, Package } from '../../core/inventory.ts';
import type { Advisory, AdvisoryIndex } from '../../core/ports/advisories.ts';
import { type OsvRecord, osvRecord } from '../../test/support/osv.ts';
import { parseOsvRecord } from '../feeds/osv/parse.ts';
import { ecosystemState, emptyIndex } from '../samples-index.ts';
import { matchInventory } from './index.ts';

function indexOf(
  records: readonly OsvRecord[],
  covered: (name: string) => boolean = () => true,
): AdvisoryIndex {
  const advisories = records.map((record): Advisory => {
    const parsed = parseOsvRecord(record);
    if (!('advisory' in parsed)) throw new Error(JSON.stringify(parsed));
    return parsed.advisory;
  });
  return {
    ...emptyIndex,
    ecosystem: (ecosystem) =>
      covered(ecosystem) ? ecosystemState({ ecosystem, rows: 100, familyRows: 100 }) : null,
    affecting: (ecosystem, name) =>
      advisories.flatMap((advisory) =>
        advisory.affected
          .filter((affected) => affected.ecosystem === ecosystem && affected.name === name)
          .map((affected) => ({ advisory, affected })),
      ),
  };
}

const alma9 = { id: 'almalinux', versionId: '9.3', name: 'AlmaLinux' };
const pack = (name: string, version: string, modularityLabel?: string): Package => ({
  type: 'rpm',
  name,
  version,
  arch: 'x86_64',
  source: { name: `${name}-source`, version },
  purl: `pkg:rpm/almalinux/${name}@${version}`,
  layer: null,
  paths: [],
  licenses: [],
  ...(modularityLabel === undefined ? {} : { modularityLabel }),
});
const match = (index: AdvisoryIndex, os: OperatingSystem, ...packages: readonly Package[]) =>
  matchInventory(
    {
      os,
      platform: null,
      packages,
      incomplete: [],
      unfit: [],
      analyzers: 'test/1',
      content: 'image',
      facts: null,
      checks: [],
    },
    index,
  );
const alma = (id: string, name: string, fixed: string, more: object = {}): OsvRecord => ({
  ...osvRecord({ id, ecosystem: 'AlmaLinux:9', package: name, fixed }),
  ...more,
});

describe('matching rpm packages', () => {
  it('asks by the package’s own name and version, epoch included', () => {
    const index = indexOf([alma('ALSA-1', 'bash', '1:2-1'), alma('ALSA-2', 'bash-source', '9')]);
    const ids = (version: string): string[] =>
      match(index, alma9, pack('bash', version)).findings.map(({ id }) => id);
    expect(ids('3-1')).toEqual(['ALSA-1']);
    expect(ids('1:3-1')).toEqual([]);
  });

  it('takes the highest fix of several advisories about one CVE', () => {
    const index = indexOf([
      alma('ALSA-2024:1', 'glibc', '2.28-236.el8_9.13', { upstream: ['CVE-2024-1'] }),
      alma('ALSA-2024:2', 'glibc', '2.28-251.el8_10.1', { upstream: ['CVE-2024-1'] }),
    ]);
    expect(match(index, alma9, pack('glibc', '2.28-236.el8.7')).findings).toMatchObject([
      { id: 'ALSA-2024:1', aliases: ['CVE-2024-1', 'ALSA-2024:2'], fixedVersion: '2.28-251.el8_10.1' },
    ]);
  });

  it('tells bug fixes and enhancements from vulnerabilities', () => {
    const index = indexOf(['ALSA-1', 'ALBA-2', 'ALEA-3'].map((id) => alma(id, 'bash', '2')));
    const { findings } = match(index, alma9, pack('bash', '1-1'));
    expect(findings.map(({ id, kind }) => [id, kind])).toEqual([
      ['ALSA-1', 'vulnerability'],
      ['ALBA-2', 'bugfix'],
      ['ALEA-3', 'bugfix'],
    ]);
  });

  const plain = '1.2-3.el9';
  const modular = '1:18.1-1.module_el9.1.0+5+abc';
  const label = 'nodejs:18:9010020240101:rhel9';
  it.each<readonly [string, Package, string, string, boolean]>([
    ['a plain fix, a plain package', pack('nodejs', plain), '2-1.el9', '', true],
    ['a plain fix, a module’s package', pack('nodejs', plain, label), '2-1.el9', '', false],
    ['a module’s fix, a plain package', pack('nodejs', plain), `1:19-1.module_el9`, '', false],
    ['a module’s fix, its package', pack('nodejs', modular, label), '1:19-1.module_el9', '', true],
    ['a module’s fix, its package without a label', pack('nodejs', modular), '1:19-1.module+el9', '', true],
    [
      'a fix for the same stream',
      pack('nodejs', modular, label),
      '1:19-1.module_el9',
      'Important: nodejs:18 security update',
      true,
    ],
    [
      'a fix for a part of the stream',
      pack('nodejs', modular, label),
      '1:19-1.module_el9',
      'nodejs:18.1 security update',
      true,
    ],
    [
      'a fix for another stream',
      pack('nodejs', modular, label),
      '1:20-1.module_el9',
      'Important: nodejs:20 security update',
      false,
    ],
    [
      'a fix for both streams',
      pack('nodejs', modular, label),
      '1:20-1.module_el9',
      'nodejs:18 and nodejs:20 update',
      true,
    ],
    [
      'a fix for a stream of another module',
      pack('nodejs', modular, label),
      '1:19-1.module_el9',
      'perl:5.32 update',
      true,
    ],
    [
      'a stream with a word in it',
      pack('podman', '3:4.0-1.module_el8', 'container-tools:rhel8:8090:abc'),
      '3:5-1.module_el8',
      'Important: container-tools:rhel8 security update',
      true,
    ],
    [
      'a stream that only begins alike',
      pack('nodejs', modular, 'nodejs:1:9010:rhel9'),
      '1:19-1.module_el9',
      'nodejs:18 security update',
      false,
    ],
    [
      'two modules in one title, one of them its own',
      pack('qemu-kvm', '15:4-1.module_el8', 'virt:rhel:8090:abc'),
      '15:5-1.module_el8',
      'virt:rhel and virt-devel:rhel security update',
      true,
    ],
    [
      'a module whose name is the end of its own',
      pack('qemu-kvm', '15:4-1.module_el8', 'virt-devel:rhel:8090:abc'),
      '15:5-1.module_el8',
      'virt:av security update',
      true,
    ],
    [
      'no label, a stream in the title',
      pack('nodejs', modular),
      '1:19-1.module_el9',
      'nodejs:20 update',
      true,
    ],
    [
      'Red Hat’s way of writing it',
      pack('nodejs', '1:18-1.module+el8.9.0+1+a', label),
      '1:19-1.module+el8',
      '',
      true,
    ],
    ['a release that only looks like it', pack('nodejs', '18-1.modules.el9'), '19-1.el9', '', true],
    [
      'a label that is cut',
      pack('nodejs', modular, 'nodejs'),
      '1:19-1.module_el9',
      'nodejs:20 update',
      false,
    ],
    [
      'a newer build of the stream',
      pack('nodejs', '1:20-1.module_el9', label),
      '1:19-1.module_el9',
      '',
      false,
    ],
    ['an older epoch', pack('nodejs', '18.1-1.module_el9', label), '1:1-1.module_el9', '', true],
  ])('%s', (_, one, fixed, summary, applies) => {
    const index = indexOf([alma('ALSA-1', one.name, fixed, { summary })]);
    expect(match(index, alma9, one).findings).toHaveLength(applies ? 1 : 0);
  });

  it('takes a record without a fix for all builds', () => {
    const record = osvRecord({ id: 'ALSA-1', ecosystem: 'AlmaLinux:9', package: 'nodejs' });
    const index = indexOf([record]);
    expect(match(index, alma9, pack('nodejs', plain), pack('nodejs', modular, label)).findings).toHaveLength(
      2,
    );
  });

  it.each([
    ['rocky', '9.4', 'Rocky Linux:9', 1],
    ['almalinux', '9.4', 'AlmaLinux:9', 1],
    // Nobody is asked about these: their packages are not covered.
    ['fedora', '41', 'AlmaLinux:9', 0],
  ])('asks on %s %s about a module’s packages: %s', (id, versionId, ecosystem, count) => {
    const record = osvRecord({ id: 'X-1', ecosystem, package: 'nodejs', fixed: '1:19-1.module_el9' });
    const { findings, coverage } = match(
      indexOf([record]),
      { id, versionId, name: id },
      pack('nodejs', modular, label),
    );
    expect(findings).toHaveLength(count);
    expect(coverage.every(({ covered }) => covered)).toBe(count > 0);
  });

  it.each<readonly [string, Package, readonly string[]]>([
    ['a plain package', pack('nodejs', plain), ['REDHAT-CVE-2024-1']],
    [
      'a package of the stream',
      pack('nodejs', modular, label),
      ['REDHAT-CVE-2024-1', 'REDHAT-CVE-2024-1:nodejs:18'],
    ],
    ['a package of another stream', pack('nodejs', modular, 'nodejs:20:9:a'), ['REDHAT-CVE-2024-1']],
    [
      'a module’s package that does not say of which',
      pack('nodejs', modular),
      ['REDHAT-CVE-2024-1', 'REDHAT-CVE-2024-1:nodejs:18', 'REDHAT-CVE-2024-1:nodejs:16'],
    ],
  ])('knows which stream has no fix: %s', (_, one, ids) => {
    const unfixed = ['', ':nodejs:18', ':nodejs:16'].map((stream) => ({
      ...alma(`REDHAT-CVE-2024-1${stream}`, 'nodejs', '1'),
      affected: [
        {
          package: { ecosystem: 'AlmaLinux:9', name: 'nodejs' },
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }],
        },
      ],
    }));
    const found = match(indexOf(unfixed), alma9, one).findings.map(({ id }) => id);
    expect(new Set(found)).toEqual(new Set(ids));
  });

  it('takes a record with fixes of both kinds for both', () => {
    const record = alma('ALSA-1', 'nodejs', '2-1.el9');
    const events = (fixed: string) => ({ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] });
    const affected = [
      {
        package: { ecosystem: 'AlmaLinux:9', name: 'nodejs' },
        ranges: ['2-1.el9', '1:19-1.module_el9'].map(events),
      },
    ];
    const index = indexOf([{ ...record, affected }]);
    expect(match(index, alma9, pack('nodejs', plain), pack('nodejs', modular, label)).findings).toHaveLength(
      2,
    );
  });

  it('looks into all repositories of RHEL, and needs the two that every system has', () => {
    const rhel = { id: 'rhel', versionId: '9.4', name: 'RHEL' };
    const name = (repository: string): string => `Red Hat:enterprise_linux:9::${repository}`;
    const records = ['baseos', 'appstream', 'crb'].map((repository) =>
      osvRecord({ id: `RHSA-1:${repository}`, ecosystem: name(repository), package: 'bash', fixed: '0:2-1' }),
    );
    const { findings, coverage } = match(indexOf(records), rhel, pack('bash', '1-1'));
    expect(findings.map(({ id }) => id)).toEqual(['RHSA-1:appstream', 'RHSA-1:baseos', 'RHSA-1:crb']);
    expect(coverage).toMatchObject([{ ecosystem: 'Red Hat:enterprise_linux:9', covered: true, packages: 1 }]);
    const half = indexOf(records, (one) => one !== name('appstream'));
    expect(match(half, rhel, pack('bash', '1-1')).coverage).toMatchObject([{ covered: false }]);
  });
});
