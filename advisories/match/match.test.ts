import { describe, expect, it } from '@jest/globals';
import type { Inventory, OperatingSystem, Package, PackageType } from '../../core/inventory.ts';
import type { Advisory, AdvisoryIndex, FeedState, KnownSeverityOf } from '../../core/ports/advisories.ts';
import { type OsvRecord, osvRecord } from '../../test/support/osv.ts';
import { parseOsvRecord } from '../feeds/osv/parse.ts';
import { ecosystemState, emptyIndex, feedState } from '../samples-index.ts';
import { matchInventory } from './index.ts';

interface World {
  readonly rows?: Readonly<Record<string, readonly [rows: number, familyRows: number, updatedAt?: string]>>;
  readonly severities?: Readonly<Record<string, KnownSeverityOf>>;
  readonly exploited?: readonly string[];
  readonly feeds?: readonly FeedState[];
}

const plenty = ecosystemState({
  ecosystem: '',
  feed: 'osv:Test',
  updatedAt: '2026-01-02T00:00:00.000Z',
  rows: 100,
  familyRows: 100,
});

function indexOf(records: readonly OsvRecord[], world: World = {}): AdvisoryIndex {
  const advisories = records.map((record): Advisory => {
    const parsed = parseOsvRecord(record);
    if (!('advisory' in parsed)) throw new Error(JSON.stringify(parsed));
    return parsed.advisory;
  });
  return {
    ...emptyIndex,
    revision: 'r1',
    feeds: world.feeds ?? [],
    ecosystem: (name) => {
      if (world.rows === undefined) return { ...plenty, ecosystem: name };
      const counts = world.rows[name];
      if (counts === undefined) return null;
      const [rows, familyRows, updatedAt = plenty.updatedAt] = counts;
      return ecosystemState({ ecosystem: name, feed: `osv:${name}`, updatedAt, rows, familyRows });
    },
    affecting: (ecosystem, name) =>
      advisories.flatMap((advisory) =>
        advisory.affected
          .filter((affected) => affected.ecosystem === ecosystem && affected.name === name)
          .map((affected) => ({ advisory, affected })),
      ),
    packagesEnding: (ecosystem, ending) => [
      ...new Set(
        advisories
          .flatMap(({ affected }) => affected)
          .filter((one) => one.ecosystem === ecosystem && one.name.endsWith(ending))
          .map(({ name }) => name),
      ),
    ],
    severityOf: (id) => world.severities?.[id] ?? null,
    knownExploited: (id) => world.exploited?.includes(id) ?? null,
    close: () => undefined,
  };
}

function pack(type: PackageType, name: string, version: string, source?: readonly [string, string]): Package {
  return {
    type,
    name,
    version,
    arch: 'amd64',
    source: { name: source?.[0] ?? name, version: source?.[1] ?? version },
    purl: `pkg:${type}/${name}@${version}`,
    layer: null,
    paths: [],
    licenses: [],
  };
}

const debian12 = { id: 'debian', versionId: '12', name: 'Debian' };
const alpineEdge = { id: 'alpine', versionId: '3.21.0_alpha20240923', name: 'Alpine' };

function inventory(os: OperatingSystem | null, ...packages: readonly Package[]): Inventory {
  return {
    os,
    platform: null,
    packages,
    incomplete: [],
    unfit: [],
    analyzers: 'test/1',
    content: 'image',
    facts: null,
    checks: [],
  };
}

const debian = (id: string, source: string, fixed: string, upstream?: readonly string[]): OsvRecord =>
  osvRecord({ id, ecosystem: 'Debian:12', package: source, fixed, ...(upstream ? { upstream } : {}) });

describe('matching', () => {
  it('asks by source name and source version, and reports each binary package', () => {
    const index = indexOf([debian('DEBIAN-CVE-2024-1', 'openssl', '3.0.14-1', ['CVE-2024-1'])]);
    const { findings } = matchInventory(
      inventory(
        debian12,
        pack('deb', 'libssl3', '1:9', ['openssl', '3.0.13-1']),
        pack('deb', 'openssl', '3.0.13-1+b1', ['openssl', '3.0.13-1']),
        pack('deb', 'patched', '1', ['openssl', '3.0.14-1']),
      ),
      index,
    );
    expect(findings.map((f) => [f.id, f.aliases, f.package, f.version, f.status, f.fixedVersion])).toEqual([
      ['DEBIAN-CVE-2024-1', ['CVE-2024-1'], 'libssl3', '1:9', 'fixed', '3.0.14-1'],
      ['DEBIAN-CVE-2024-1', ['CVE-2024-1'], 'openssl', '3.0.13-1+b1', 'fixed', '3.0.14-1'],
    ]);
  });

  it.each<readonly [string, string, string | null]>([
    ['v0.16.0', 'fixed', '0.17.0'],
    ['v0.0.0-20220715151400-c0bba94af5f8', 'fixed', '0.17.0'],
    ['v0.17.0-rc.1', 'fixed', '0.17.0'],
    ['v0.17.0+incompatible', 'unaffected', null],
    ['v0.18.0', 'unaffected', null],
    ['(devel)', 'undetermined', '0.17.0'],
    ['devel go1.23-abcdef0 Mon Jan 1', 'undetermined', '0.17.0'],
  ])('compares modules of Go: %s is %s', (version, status, fixed) => {
    const index = indexOf([osvRecord({ id: 'GO-1', ecosystem: 'Go', package: 'a.org/a', fixed: '0.17.0' })]);
    const { findings } = matchInventory(inventory(debian12, pack('golang', 'a.org/a', version)), index);
    expect(findings.map((f) => [f.status, f.fixedVersion])).toEqual(
      status === 'unaffected' ? [] : [[status, fixed]],
    );
  });

  it('asks for apk by origin and by the package’s own name, with its own version', () => {
    const index = indexOf([
      osvRecord({ id: 'ALPINE-CVE-1', ecosystem: 'Alpine:edge', package: 'busybox', fixed: '1.37.0-r1' }),
      osvRecord({ id: 'ALPINE-CVE-2', ecosystem: 'Alpine:edge', package: 'ssl_client', fixed: '1.37.0-r2' }),
    ]);
    const { findings } = matchInventory(
      inventory(alpineEdge, pack('apk', 'ssl_client', '1.36.1-r3', ['busybox', '1.36.1-r3'])),
      index,
    );
    expect(findings.map((f) => [f.id, f.fixedVersion])).toEqual([
      ['ALPINE-CVE-1', '1.37.0-r1'],
      ['ALPINE-CVE-2', '1.37.0-r2'],
    ]);
  });

  it('does not take the advisories of another release', () => {
    const index = indexOf([osvRecord({ id: 'X', ecosystem: 'Debian:11', package: 'bash' })]);
    expect(matchInventory(inventory(debian12, pack('deb', 'bash', '5')), index).findings).toEqual([]);
  });

  it('reports one package in two places once', () => {
    const index = indexOf([osvRecord({ id: 'GHSA-1', ecosystem: 'npm', package: 'left-pad' })]);
    const twice = [pack('npm', 'left-pad', '1.0.0'), pack('npm', 'left-pad', '1.0.0')];
    expect(matchInventory(inventory(null, ...twice), index).findings).toHaveLength(1);
  });

  it('keeps what cannot be compared, as undetermined', () => {
    const index = indexOf([osvRecord({ id: 'GHSA-1', ecosystem: 'npm', package: 'x', fixed: '2.0.0' })]);
    const { findings } = matchInventory(inventory(null, pack('npm', 'x', 'github:a/x')), index);
    expect(findings.map((f) => [f.status, f.fixedVersion])).toEqual([['undetermined', '2.0.0']]);
  });

  it('has the worst first', () => {
    const npm = (id: string, name: string, rest: object) =>
      osvRecord({ id, ecosystem: 'npm', package: name, ...rest });
    const index = indexOf(
      [
        npm('GHSA-low', 'a', { severity: 'LOW' }),
        npm('GHSA-unknown', 'a', {}),
        npm('GHSA-critical', 'b', { severity: 'CRITICAL' }),
        npm('MAL-1', 'c', {}),
        npm('GHSA-kev', 'd', { severity: 'MODERATE', aliases: ['CVE-2024-9'] }),
        npm('GHSA-high', 'a', { severity: 'HIGH' }),
      ],
      { exploited: ['CVE-2024-9'] },
    );
    const packages = ['a', 'b', 'c', 'd'].map((name) => pack('npm', name, '1.0.0'));
    const { findings } = matchInventory(inventory(null, ...packages), index);
    expect(findings.map((f) => f.id)).toEqual([
      'GHSA-kev',
      'MAL-1',
      'GHSA-critical',
      'GHSA-high',
      'GHSA-unknown',
      'GHSA-low',
    ]);
    expect(findings.map((f) => f.kind)).toEqual([
      'vulnerability',
      'malware',
      ...Array<string>(4).fill('vulnerability'),
    ]);
  });
});

describe('joining records', () => {
  const bash = pack('deb', 'bash', '1.0-1');
  const ids = (records: readonly OsvRecord[], one = bash, os: OperatingSystem | null = debian12) =>
    matchInventory(inventory(os, one), indexOf(records)).findings.map((f) => [
      f.id,
      f.aliases.join(' '),
      f.fixedVersion,
    ]);

  it('makes one finding of an advisory and the CVE that it repeats, with the highest fix', () => {
    const records = [
      debian('DSA-1-1', 'bash', '1.0-3', ['CVE-2024-1']),
      debian('DEBIAN-CVE-2024-1', 'bash', '1.0-2', ['CVE-2024-1']),
    ];
    expect(ids(records)).toEqual([['DEBIAN-CVE-2024-1', 'CVE-2024-1 DSA-1-1', '1.0-3']]);
  });

  it('joins through aliases in both directions and over several steps', () => {
    const records = [
      osvRecord({ id: 'PYSEC-1', ecosystem: 'npm', package: 'x', fixed: '2.0.0', aliases: ['GHSA-b'] }),
      osvRecord({ id: 'GHSA-b', ecosystem: 'npm', package: 'x', fixed: '2.0.0', aliases: ['CVE-1'] }),
      osvRecord({ id: 'x_OTHER', ecosystem: 'npm', package: 'x', fixed: '2.0.0', aliases: ['CVE-1'] }),
      osvRecord({ id: 'GHSA-else', ecosystem: 'npm', package: 'x', fixed: '3.0.0' }),
    ];
    expect(ids(records, pack('npm', 'x', '1.0.0'), null)).toEqual([
      ['GHSA-b', 'CVE-1 PYSEC-1 x_OTHER', '2.0.0'],
      ['GHSA-else', '', '3.0.0'],
    ]);
  });

  it('folds an advisory about several CVEs into the findings of each', () => {
    const records = [
      debian('DSA-2-1', 'bash', '1.0-3', ['CVE-2024-1', 'CVE-2024-2']),
      debian('DEBIAN-CVE-2024-1', 'bash', '1.0-3', ['CVE-2024-1']),
      debian('DEBIAN-CVE-2024-2', 'bash', '1.0-3', ['CVE-2024-2']),
    ];
    expect(ids(records)).toEqual([
      ['DEBIAN-CVE-2024-1', 'CVE-2024-1 DSA-2-1', '1.0-3'],
      ['DEBIAN-CVE-2024-2', 'CVE-2024-2 DSA-2-1', '1.0-3'],
    ]);
  });

  it('keeps such an advisory on its own where no CVE has a finding', () => {
    const records = [
      debian('DSA-2-1', 'bash', '1.0-3', ['CVE-2024-2', 'CVE-2024-1']),
      debian('DEBIAN-CVE-2024-1', 'bash', '1.0-1', ['CVE-2024-1']),
    ];
    expect(ids(records)).toEqual([['DSA-2-1', 'CVE-2024-1 CVE-2024-2', '1.0-3']]);
  });

  it('does not lose the CVE that no record of its own speaks of', () => {
    const records = [
      debian('DSA-2-1', 'bash', '1.0-3', ['CVE-2024-1', 'CVE-2024-2']),
      debian('DEBIAN-CVE-2024-1', 'bash', '1.0-3', ['CVE-2024-1']),
    ];
    expect(ids(records)).toEqual([
      ['DEBIAN-CVE-2024-1', 'CVE-2024-1 DSA-2-1', '1.0-3'],
      ['DSA-2-1', 'CVE-2024-2', '1.0-3'],
    ]);
  });

  it('takes a record with two identical entries for one', () => {
    const record = debian('DSA-3-1', 'bash', '1.0-3', ['CVE-1', 'CVE-2']);
    expect(ids([record, record])).toEqual([['DSA-3-1', 'CVE-1 CVE-2', '1.0-3']]);
  });
});

describe('severity and known exploitation', () => {
  const critical: KnownSeverityOf = {
    severity: 'critical',
    cvss: { vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', score: 9.8 },
  };
  const one = inventory(debian12, pack('deb', 'bash', '1.0-1'));
  const record = (extra: object) =>
    osvRecord({ id: 'DEBIAN-CVE-2024-1', ecosystem: 'Debian:12', package: 'bash', fixed: '2', ...extra });

  it.each([
    ['its own where it has one', { severity: 'LOW', upstream: ['CVE-2024-1'] }, 'low'],
    ['that of the CVE it repeats', { upstream: ['CVE-2024-1'] }, 'critical'],
    ['that of an alias', { aliases: ['CVE-2024-1'] }, 'critical'],
    ['the worst of those it repeats, standing alone', { upstream: ['CVE-2023-7', 'CVE-2024-1'] }, 'critical'],
    ['unknown where nobody tells', { upstream: ['CVE-2023-7'] }, 'unknown'],
  ])('is %s', (_name, extra, severity) => {
    const index = indexOf([record(extra)], { severities: { 'CVE-2024-1': critical } });
    expect(matchInventory(one, index).findings.map((f) => f.severity)).toEqual([severity]);
  });

  it.each([
    ['nobody can tell without a catalogue', undefined, null],
    ['it is listed', ['CVE-2024-1'], true],
    ['it is not listed', ['CVE-2020-1'], false],
  ])('%s', (_name, exploited, kev) => {
    const world = exploited === undefined ? {} : { exploited };
    const index = indexOf([record({ upstream: ['CVE-2024-1'] })], world);
    expect(matchInventory(one, index).findings.map((f) => f.kev)).toEqual([kev]);
  });

  it('does not blame a folded CVE for what its neighbour in the advisory is', () => {
    const index = indexOf(
      [
        debian('DSA-2-1', 'bash', '2', ['CVE-2024-1', 'CVE-2024-2']),
        debian('DEBIAN-CVE-2024-1', 'bash', '2', ['CVE-2024-1']),
        debian('DEBIAN-CVE-2024-2', 'bash', '2', ['CVE-2024-2']),
      ],
      { exploited: ['CVE-2024-2'], severities: { 'CVE-2024-2': critical } },
    );
    expect(matchInventory(one, index).findings.map((f) => [f.id, f.kev, f.severity])).toEqual([
      ['DEBIAN-CVE-2024-2', true, 'critical'],
      ['DEBIAN-CVE-2024-1', false, 'unknown'],
    ]);
  });
});

describe('coverage', () => {
  const coverage = (subject: Inventory, rows: World['rows']) =>
    matchInventory(subject, indexOf([], rows === undefined ? {} : { rows })).coverage.map((entry) => [
      entry.ecosystem,
      entry.release,
      entry.covered,
      entry.packages,
    ]);
  const bash = pack('deb', 'bash', '1');
  const left = pack('npm', 'left-pad', '1.0.0');
  const alpine = (versionId: string) => ({ id: 'alpine', versionId, name: 'Alpine' });

  it.each<[string, Inventory, NonNullable<World['rows']>, readonly unknown[]]>([
    [
      'a release with data',
      inventory(debian12, bash),
      { 'Debian:12': [1271, 8190] },
      [['Debian:12', '12', true, 1]],
    ],
    [
      'a release without',
      inventory(debian12, bash),
      { 'Debian:11': [9, 9] },
      [['Debian:12', '12', false, 1]],
    ],
    [
      'a release with strays',
      inventory(alpine('3.12.1'), pack('apk', 'musl', '1')),
      { 'Alpine:v3.12': [2, 9596] },
      [['Alpine:v3.12', 'v3.12', false, 1]],
    ],
    ['no release', inventory({ ...debian12, versionId: '' }, bash), {}, [['Debian', null, false, 1]]],
    ['no system', inventory(null, bash), {}, [['deb', null, false, 1]]],
    ['nothing at all', inventory(null), {}, []],
    [
      'a system without packages',
      inventory(debian12),
      { 'Debian:12': [5, 5] },
      [['Debian:12', '12', true, 0]],
    ],
    [
      'two ecosystems',
      inventory(debian12, bash, left, left),
      { 'Debian:12': [5, 5], npm: [5, 5] },
      [
        ['Debian:12', '12', true, 1],
        ['npm', null, true, 2],
      ],
    ],
  ])('%s', (_name, subject, rows, expected) => {
    expect(coverage(subject, rows)).toEqual(expected);
  });

  it('is as old as the oldest feed that took part, the exploited catalogue included', () => {
    const rows = {
      'Debian:12': [5, 5, '2026-01-05T00:00:00.000Z'],
      npm: [5, 5, '2026-01-04T00:00:00.000Z'],
      PyPI: [5, 5, '2020-01-01T00:00:00.000Z'],
    } as const;
    const updatedAt = (subject: Inventory, feeds: readonly FeedState[]) =>
      matchInventory(subject, indexOf([], { rows, feeds })).advisories.updatedAt;
    const feed = feedState({ name: 'kev', updatedAt: '2026-01-03T00:00:00.000Z' });
    expect(updatedAt(inventory(debian12, bash), [])).toBe('2026-01-05T00:00:00.000Z');
    expect(updatedAt(inventory(debian12, bash, left), [])).toBe('2026-01-04T00:00:00.000Z');
    expect(updatedAt(inventory(debian12, bash, left), [feed])).toBe('2026-01-03T00:00:00.000Z');
    expect(updatedAt(inventory(null, bash), [feed])).toBeNull();
  });
});
