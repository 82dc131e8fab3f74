import { describe, expect, it } from '@jest/globals';
import type { Advisory } from '../../../core/ports/advisories.ts';
import { parseOsvRecord } from './parse.ts';

/** The shape of Debian's records on osv.dev. */
const debian = {
  schema_version: '1.7.0',
  id: 'DEBIAN-CVE-2024-9681',
  upstream: ['CVE-2024-9681'],
  modified: '2025-01-03T00:11:56Z',
  published: '2025-01-03T00:11:56Z',
  details: 'When curl is asked to use HSTS,\n the expiry time of a subdomain might overwrite …',
  affected: [
    {
      package: { ecosystem: 'Debian:12', name: 'curl', purl: 'pkg:deb/debian/curl?arch=source' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '7.88.1-10+deb12u9' }] }],
      ecosystem_specific: { urgency: 'not yet assigned' },
    },
  ],
  references: [{ type: 'ADVISORY', url: 'https://security-tracker.debian.org/tracker/CVE-2024-9681' }],
};

/** The shape of GitHub's. */
const github = {
  id: 'GHSA-aaaa-bbbb-cccc',
  modified: '2025-02-01T00:00:00Z',
  aliases: ['CVE-2025-1'],
  summary: 'Prototype pollution in x',
  severity: [
    { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
    { type: 'CVSS_V4', score: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:P' },
  ],
  affected: [
    {
      package: { ecosystem: 'npm', name: 'x' },
      ranges: [
        { type: 'GIT', repo: 'https://git.test/x', events: [{ introduced: '0' }, { fixed: 'abc' }] },
        { type: 'SEMVER', events: [{ introduced: '1.0.0' }, { last_affected: '1.4.0' }] },
      ],
      versions: ['1.0.0'],
    },
    { ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] },
  ],
  database_specific: { severity: 'CRITICAL', cwe_ids: ['CWE-1321'] },
};

function advisoryOf(record: unknown): Advisory {
  const parsed = parseOsvRecord(record);
  if (!('advisory' in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.advisory;
}

describe('a record in OSV format', () => {
  it('is read as Debian writes it', () => {
    expect(advisoryOf(debian)).toEqual({
      id: 'DEBIAN-CVE-2024-9681',
      kind: 'vulnerability',
      aliases: [],
      upstream: ['CVE-2024-9681'],
      summary: 'When curl is asked to use HSTS, the expiry time of a subdomain might overwrite …',
      url: 'https://security-tracker.debian.org/tracker/CVE-2024-9681',
      severity: null,
      cvss: null,
      published: '2025-01-03T00:11:56Z',
      modified: '2025-01-03T00:11:56Z',
      affected: [
        {
          ecosystem: 'Debian:12',
          name: 'curl',
          ranges: [[{ introduced: '0' }, { fixed: '7.88.1-10+deb12u9' }]],
          versions: [],
          severity: null,
        },
      ],
    });
  });

  it('is read as GitHub writes it, without ranges of commits', () => {
    const advisory = advisoryOf(github);
    expect(advisory.affected).toEqual([
      {
        ecosystem: 'npm',
        name: 'x',
        ranges: [[{ introduced: '1.0.0' }, { lastAffected: '1.4.0' }]],
        versions: ['1.0.0'],
        severity: null,
      },
    ]);
    expect([advisory.severity, advisory.cvss?.score]).toEqual(['critical', 9.8]);
    expect(advisory.url).toBe('https://osv.dev/vulnerability/GHSA-aaaa-bbbb-cccc');
  });

  it.each([
    ['PyPI', 'Scrapy', 'scrapy'],
    ['PyPI', 'jw.util', 'jw-util'],
    ['NuGet', 'Newtonsoft.Json', 'newtonsoft.json'],
    ['Packagist', 'Vendor/Name_x', 'vendor/name_x'],
    ['Packagist:https://packages.drupal.org/8', 'drupal/Token', 'drupal/token'],
    ['RubyGems', 'RedCloth', 'RedCloth'],
    ['crates.io', 'Inflector', 'Inflector'],
    ['npm', 'JSONStream', 'JSONStream'],
    ['Maven', 'org.Example:A_b', 'org.Example:A_b'],
  ])('of %s calls %s %s', (ecosystem, name, expected) => {
    const affected = [{ package: { ecosystem, name }, versions: ['1.0'] }];
    expect(parseOsvRecord({ ...github, affected })).toMatchObject({
      advisory: { affected: [{ name: expected }] },
    });
  });

  it('counts for a whole Go module, whatever functions it names', () => {
    const package_ = { ecosystem: 'Go', name: 'golang.org/x/net' };
    const ranges = [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '0.7.0' }] }];
    const imports = [{ path: 'golang.org/x/net/http2', symbols: ['Server.ServeConn'], goos: ['windows'] }];
    const of = (more: object): unknown =>
      advisoryOf({ ...github, affected: [{ package: package_, ranges, ...more }] }).affected;
    expect(of({ ecosystem_specific: { imports } })).toEqual(of({}));
    expect(of({})).toHaveLength(1);
  });

  it('is skipped when it was withdrawn', () => {
    expect(parseOsvRecord({ ...github, withdrawn: '2025-03-01T00:00:00Z' })).toEqual({
      skipped: 'withdrawn',
    });
  });

  const withRange = (range: unknown) => ({
    ...debian,
    affected: [{ package: { ecosystem: 'Debian:12', name: 'curl' }, ranges: [range] }],
  });
  it.each<[string, unknown, string]>([
    ['no object', [], 'it is not a JSON object'],
    ['no id', { ...debian, id: undefined }, '"id" is missing or no text'],
    ['an id of two lines', { ...debian, id: 'A\nB' }, '"id" has control characters'],
    ['aliases that are no list', { ...debian, aliases: 'CVE-1' }, '"aliases" is not a list'],
    ['packages that are no list', { ...debian, affected: {} }, '"affected" is not a list'],
    [
      'a package without a name',
      { ...debian, affected: [{ package: { ecosystem: 'npm' } }] },
      '"name" is missing',
    ],
    ['a range of a new type', withRange({ type: 'MAGIC', events: [] }), 'unknown type "MAGIC"'],
    [
      'a range without a start',
      withRange({ type: 'SEMVER', events: [{ fixed: '1' }] }),
      'nowhere introduced',
    ],
    ['an empty fix', withRange({ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '' }] }), '"fixed"'],
    [
      'an event that says nothing',
      withRange({ type: 'SEMVER', events: [{ introduced: '0' }, {}] }),
      'an event',
    ],
    [
      'versions without a package',
      { ...debian, affected: [{ ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }] }] },
      'no package',
    ],
    ['what the prototype would lend', JSON.parse('{"__proto__": {"id": "X"}}'), '"id" is missing'],
  ])('is rejected for %s', (_name, record, why) => {
    const parsed = parseOsvRecord(record);
    expect('rejected' in parsed ? parsed.rejected : parsed).toContain(why);
  });

  it.each<[string, object, string]>([
    ['MAL-2024-1', {}, 'malware'],
    ['GHSA-1', { aliases: ['MAL-2024-1'] }, 'malware'],
    ['GHSA-2', { database_specific: { cwe_ids: ['CWE-506'] } }, 'malware'],
    ['ALBA-2024:1', {}, 'bugfix'],
    ['ALEA-2024:1', {}, 'bugfix'],
    ['ALSA-2024:1', {}, 'vulnerability'],
  ])('%s %j is %s', (id, extra, kind) => {
    expect(advisoryOf({ ...debian, upstream: [], id, ...extra }).kind).toBe(kind);
  });

  it('takes the related CVEs of an ALSA for those it is about, but of no other record', () => {
    const related = ['CVE-2024-1', 'CVE-2024-2', 'ALBA-2024:9'];
    const upstream = (id: string) => advisoryOf({ ...debian, upstream: undefined, id, related }).upstream;
    expect(upstream('ALSA-2024:1')).toEqual(['CVE-2024-1', 'CVE-2024-2']);
    expect(upstream('GHSA-1')).toEqual([]);
  });

  it.each([['javascript:alert(1)'], ['https://x.test/"onmouseover="'], [42]])(
    'does not link to %j',
    (url) => {
      const record = { ...debian, id: 'X/1', references: [{ type: 'ADVISORY', url }] };
      expect(advisoryOf(record).url).toBe('https://osv.dev/vulnerability/X%2F1');
    },
  );
});

describe('the severity of a record', () => {
  it.each([
    ['ALSA-2024:1', 'Critical: glibc security update', 'critical'],
    ['RLSA-2024:1', 'Important: nodejs:18 security update', 'high'],
    ['RHSA-2024:1', 'Moderate: x', 'medium'],
    ['ALBA-2024:1', 'Critical: glibc bug fix update', null],
    ['DSA-1', 'Critical: glibc', null],
    ['ALSA-2024:1', 'glibc: Critical: x', null],
  ])('%s with the title "%s" is %s', (id, summary, severity) => {
    expect(advisoryOf({ ...debian, upstream: [], id, summary }).severity).toBe(severity);
  });

  const medium = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:N' };
  const worst = { type: 'CVSS_V2', score: 'AV:N/AC:L/Au:N/C:C/I:C/A:C' };
  const entry = (extra: object) => ({ ...debian.affected[0], ...extra });
  it.each<[string, object, string | null, number | null, string | null]>([
    ['none', {}, null, null, null],
    ['CVSS 3', { severity: [medium] }, 'medium', 4.8, null],
    ['CVSS 2 alone', { severity: [worst] }, 'critical', 10, null],
    ['CVSS 2 beside 3', { severity: [worst, medium] }, 'medium', 4.8, null],
    ['a broken vector', { severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N' }] }, null, null, null],
    ['Ubuntu’s word', { severity: [{ type: 'Ubuntu', score: 'low' }] }, 'low', null, null],
    ['a vector before a word', { severity: [{ type: 'Ubuntu', score: 'low' }, medium] }, 'medium', 4.8, null],
    ['a word for all', { database_specific: { severity: 'IMPORTANT' } }, 'high', null, null],
    ['a vector for one package', { affected: [entry({ severity: [medium] })] }, 'medium', 4.8, 'medium'],
    [
      'a word for one package',
      { affected: [entry({ ecosystem_specific: { urgency: 'low**' } })] },
      null,
      null,
      'low',
    ],
    [
      'harmless as packaged, whatever the score',
      { severity: [worst], affected: [entry({ ecosystem_specific: { urgency: 'unimportant' } })] },
      'critical',
      10,
      'negligible',
    ],
    [
      'a word for one package beside a score',
      { severity: [worst], affected: [entry({ ecosystem_specific: { urgency: 'low' } })] },
      'critical',
      10,
      null,
    ],
  ])('%s', (_name, extra, severity, score, ofPackage) => {
    const advisory = advisoryOf({ ...debian, ...extra });
    expect([advisory.severity, advisory.cvss?.score ?? null, advisory.affected[0]?.severity]).toEqual([
      severity,
      score,
      ofPackage,
    ]);
  });
});
