import { describe, expect, it } from '@jest/globals';
import type { Advisory, AffectedPackage } from '../../../core/ports/advisories.ts';
import { evaluate } from '../../match/evaluate.ts';
import { deb } from '../../versions/deb/index.ts';
import { parseOsvRecord } from './parse.ts';

function advisoryOf(record: unknown): Advisory {
  const parsed = parseOsvRecord(record);
  if (!('advisory' in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.advisory;
}

const range = (...events: readonly object[]) => [
  { type: 'ECOSYSTEM', events: [{ introduced: '0' }, ...events] },
];

/** The shape of UBUNTU-CVE-2025-6491, shortened. */
const ubuntu = {
  schema_version: '1.7.0',
  id: 'UBUNTU-CVE-2025-6491',
  details: 'In PHP versions:8.1.* before 8.1.33 …',
  aliases: [],
  upstream: ['CVE-2025-6491'],
  related: ['USN-7648-1'],
  severity: [
    { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:H' },
    { type: 'Ubuntu', score: 'medium' },
  ],
  published: '2025-07-13T22:15:00Z',
  modified: '2025-07-18T17:02:45Z',
  affected: [
    {
      package: {
        ecosystem: 'Ubuntu:Pro:18.04:LTS',
        name: 'php7.2',
        purl: 'pkg:deb/ubuntu/php7.2?arch=source',
      },
      ranges: range(),
      versions: ['7.2.1-1ubuntu2'],
      ecosystem_specific: {},
    },
    {
      package: { ecosystem: 'Ubuntu:Pro:20.04:LTS', name: 'php7.4' },
      ranges: range({ fixed: '7.4.3-4ubuntu2.29+esm1' }),
      versions: ['7.4.3-4build1', '7.4.3-4ubuntu2.29'],
      ecosystem_specific: { availability: 'Available with Ubuntu Pro' },
    },
    {
      package: { ecosystem: 'Ubuntu:Pro:FIPS:20.04:LTS', name: 'php7.4' },
      ranges: range({ fixed: '9' }),
    },
    {
      package: { ecosystem: 'Ubuntu:22.04:LTS', name: 'php8.1' },
      ranges: range({ fixed: '8.1.2-1ubuntu2.22' }),
      versions: ['8.1.0-1', '8.1.2-1ubuntu2.21'],
      ecosystem_specific: {
        binaries: [{ binary_name: 'php8.1-cli', binary_version: '8.1.2-1ubuntu2.22' }],
        availability: 'No subscription required',
      },
    },
    {
      package: { ecosystem: 'Ubuntu:Pro:22.04:LTS', name: 'php8.1' },
      ranges: range({ fixed: '8.1.2-1ubuntu2.22+esm9' }),
    },
  ],
};

describe('Ubuntu’s records', () => {
  const of = (ecosystem: string): readonly AffectedPackage[] =>
    advisoryOf(ubuntu).affected.filter((one) => one.ecosystem === ecosystem);

  it('are graded by score, and else by Ubuntu’s priority', () => {
    expect(advisoryOf(ubuntu)).toMatchObject({
      severity: 'medium',
      cvss: { score: 5.9 },
      upstream: ['CVE-2025-6491'],
    });
    const rated = advisoryOf({ ...ubuntu, severity: [{ type: 'Ubuntu', score: 'negligible' }] });
    expect(rated).toMatchObject({ severity: 'negligible', cvss: null });
  });

  it('have the plain system affected where only subscribers have a fix, and offer it none', () => {
    const [focal, ...others] = of('Ubuntu:20.04:LTS');
    expect(others).toEqual([]);
    expect(focal).toMatchObject({
      name: 'php7.4',
      state: 'will_not_fix',
      note: 'fixed for Ubuntu Pro in 7.4.3-4ubuntu2.29+esm1',
    });
    const told = (version: string) => (focal === undefined ? null : evaluate(focal, version, deb));
    expect(told('7.4.3-4ubuntu2.29')).toEqual({ state: 'affected', fixed: null });
    expect(told('7.4.3-4build1')).toEqual({ state: 'affected', fixed: null });
    expect(told('7.4.3-4ubuntu2.29+esm1')).toEqual({ state: 'unaffected' });
    expect(of('Ubuntu:18.04:LTS')).toMatchObject([{ name: 'php7.2', ranges: [[{ introduced: '0' }]] }]);
  });

  it('say of the plain system what they say of it themselves', () => {
    expect(of('Ubuntu:22.04:LTS')).toEqual([
      expect.objectContaining({ ranges: [[{ introduced: '0' }, { fixed: '8.1.2-1ubuntu2.22' }]] }),
    ]);
    expect(of('Ubuntu:22.04:LTS')[0]).not.toHaveProperty('state');
  });

  it('name the CVEs of a notice', () => {
    const notice = {
      ...ubuntu,
      id: 'USN-7648-1',
      upstream: [],
      related: ['CVE-2025-6491', 'UBUNTU-CVE-2025-6491'],
    };
    expect(advisoryOf(notice).upstream).toEqual(['CVE-2025-6491']);
    const later = { ...notice, upstream: ['CVE-2025-6491', 'UBUNTU-CVE-2025-6491'] };
    expect(advisoryOf(later).upstream).toEqual(['CVE-2025-6491', 'UBUNTU-CVE-2025-6491']);
  });
});

const basesystem = 'SUSE:Linux Enterprise Module for Basesystem 15 SP7';

/** The shapes of SUSE's and Rocky Linux's, shortened. */
const suse = {
  schema_version: '1.7.3',
  id: 'SUSE-SU-2026:0312-1',
  aliases: [],
  upstream: ['CVE-2024-2511', 'CVE-2024-4603'],
  related: ['CVE-2024-2511', 'CVE-2024-4603'],
  summary: 'Security update for openssl-3',
  affected: [basesystem, 'openSUSE:Leap 15.6'].map((ecosystem) => ({
    package: { ecosystem, name: 'openssl-3', purl: 'pkg:rpm/suse/openssl-3&distro=SUSE' },
    ranges: range({ fixed: '3.1.4-150600.5.18.1' }),
    ecosystem_specific: {
      binaries: [{ libopenssl3: '3.1.4-150600.5.18.1', 'openssl-3': '3.1.4-150600.5.18.2' }],
    },
  })),
};
const rocky = {
  schema_version: '1.9.0',
  id: 'RLSA-2026:66203',
  summary: 'Important: python3.12-lxml security update',
  upstream: ['CVE-2026-49825'],
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:L/A:N' }],
  affected: [
    {
      package: { ecosystem: 'Rocky Linux:9', name: 'python3.12-lxml' },
      ranges: range({ fixed: '0:4.9.3-2.el9_8.1' }),
    },
  ],
  database_specific: { source_advisory: 'RHSA-2026:66203' },
};

describe('records of distributions with rpm packages', () => {
  it.each<[string, unknown, object]>([
    ['SUSE', suse, { kind: 'vulnerability', upstream: ['CVE-2024-2511', 'CVE-2024-4603'] }],
    ['SUSE, older', { ...suse, upstream: undefined }, { upstream: ['CVE-2024-2511', 'CVE-2024-4603'] }],
    ['SUSE, recommended', { ...suse, id: 'SUSE-RU-2026:1-1' }, { kind: 'bugfix' }],
    ['openSUSE, features', { ...suse, id: 'openSUSE-FU-2026:1-1' }, { kind: 'bugfix' }],
    ['Rocky Linux', rocky, { kind: 'vulnerability', upstream: ['CVE-2026-49825'], severity: 'high' }],
    [
      'Rocky Linux, of its own',
      { ...rocky, id: 'RXSA-2024:1', severity: [], upstream: [], related: ['CVE-2024-1000'] },
      { kind: 'vulnerability', upstream: ['CVE-2024-1000'], severity: 'high' },
    ],
    ['Rocky Linux, a bug fix', { ...rocky, id: 'RLBA-2026:1' }, { kind: 'bugfix' }],
  ])('are read: %s', (_name, record, expected) => {
    expect(advisoryOf(record)).toMatchObject(expected);
  });

  it('of SUSE are about each package that was built, in its version', () => {
    const told = advisoryOf(suse).affected.map(({ ecosystem, name, ranges }) => [
      ecosystem,
      name,
      ranges[0]?.at(-1),
    ]);
    expect(told).toEqual([
      [basesystem, 'libopenssl3', { fixed: '3.1.4-150600.5.18.1' }],
      [basesystem, 'openssl-3', { fixed: '3.1.4-150600.5.18.2' }],
      ['openSUSE:Leap 15.6', 'libopenssl3', { fixed: '3.1.4-150600.5.18.1' }],
      ['openSUSE:Leap 15.6', 'openssl-3', { fixed: '3.1.4-150600.5.18.2' }],
    ]);
    const broken = (binaries: unknown) =>
      parseOsvRecord({
        ...suse,
        affected: [{ ...suse.affected[0], ecosystem_specific: { binaries } }],
      });
    expect(broken([])).toMatchObject({ advisory: { affected: [{ name: 'openssl-3' }] } });
    for (const binaries of ['all', ['a'], [{ a: 1 }], [{ '': '1' }]]) {
      expect(broken(binaries)).toMatchObject({ rejected: expect.stringContaining('"binaries"') });
    }
  });
});
