import { describe, expect, it } from '@jest/globals';
import { parseTrivy, parseTrivyVersion } from './parse.ts';
import { bytesOf, image, report, version, withVulnerability } from './samples.ts';

const program = { version: '0.74.0', databaseAt: '2026-06-01T06:00:00.123Z' };
const parse = (value: unknown) => parseTrivy(bytesOf(value), image, program);
const first = (bytes: Uint8Array) => parseTrivy(bytes, image, program).findings[0];

describe("Trivy's report", () => {
  it('becomes findings, with who has made it and of which day its advisories are', () => {
    const { findings, ...rest } = parse(report);
    expect(rest).toEqual({
      scanner: { name: 'trivy', version: '0.74.0' },
      databaseAt: '2026-06-01T06:00:00.123Z',
      looked: { system: null, types: ['npm'] },
    });
    expect(findings).toEqual([
      {
        id: 'CVE-2024-0001',
        kind: 'vulnerability',
        aliases: ['DSA-5000-1'],
        package: 'libssl3',
        source: 'openssl',
        packageType: 'deb',
        version: '3.0.1-1',
        purl: 'pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&distro=debian-12.5',
        severity: 'critical',
        cvss: { vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', score: 9.8 },
        status: 'fixed',
        fixedVersion: '3.0.2-1',
        kev: null,
        epss: null,
        published: '2024-01-02T03:04:05.000Z',
        fixedSince: null,
        url: 'https://avd.example/nvd/cve-2024-0001',
        summary: 'openssl: a buffer is read beyond its end',
      },
      expect.objectContaining({
        id: 'GHSA-aaaa-bbbb-cccc',
        package: '@scope/thing',
        packageType: 'npm',
        severity: 'unknown',
        cvss: null,
        status: 'affected',
        published: null,
        url: '',
      }),
    ]);
  });

  it.each([
    ['affected', '', { status: 'affected', fixedVersion: null }],
    ['will_not_fix', '', { status: 'will_not_fix' }],
    ['fix_deferred', '', { status: 'affected', note: 'the fix is deferred' }],
    ['end_of_life', '', { status: 'will_not_fix', note: 'the release has no support any more' }],
    ['under_investigation', '', { status: 'under_investigation' }],
    ['a word to come', '', { status: 'affected' }],
    ['fixed', '', { status: 'affected', fixedVersion: null }],
    ['affected', '2', { status: 'fixed', fixedVersion: '2' }],
    ['constructor', '', { status: 'affected' }],
  ])('takes the status %s with the fix "%s" for what it means', (Status, FixedVersion, expected) => {
    expect(first(withVulnerability({ Status, FixedVersion }))).toMatchObject(expected);
  });

  it('leaves out what it says itself not to be affected', () => {
    expect(first(withVulnerability({ Status: 'not_affected' }))?.id).toBe('GHSA-aaaa-bbbb-cccc');
  });

  it.each([
    ['the one whose severity is told', { SeveritySource: 'redhat' }, 5.6],
    ['NVD, where that one has none', { SeveritySource: 'ubuntu' }, 9.8],
    ['version 4 without version 3', { CVSS: { ghsa: { V40Vector: 'CVSS:4.0/AV:N', V40Score: 8.7 } } }, 8.7],
    ['version 2 at last', { CVSS: { nvd: { V2Vector: 'AV:N', V2Score: 7.5 } } }, 7.5],
    [
      'nobody, for a score that is none',
      { CVSS: { nvd: { V3Vector: 'CVSS:3.1/AV:N', V3Score: 11 } } },
      undefined,
    ],
  ])('takes the CVSS of %s', (_, fields, score) => {
    expect(first(withVulnerability(fields))?.cvss?.score).toBe(score);
  });

  const os = (Family: string, more: object = {}): unknown => ({
    ...report,
    Metadata: { ...report.Metadata, OS: { Family, Name: '1', ...more } },
  });
  it.each([
    ['a release without support', os('debian', { EOSL: true }), /debian 1 has no support any more/],
    ['a system that it has no advisories of', os('fedora'), /no advisories of fedora 1/],
    ['no system', { ...report, Metadata: { RepoDigests: [image] } }, /no operating system/],
    ['a system of which no package was looked at', { ...report, Results: [] }, /none of its packages/],
    ['no results at all', { ...report, Results: null }, /none of its packages/],
  ])('says of %s why its silence is worth nothing', (_, value, why) => {
    expect(parse(value).looked.system).toMatch(why);
  });

  it('vouches for no language that it has no results of', () => {
    expect(parse({ ...report, Results: report.Results.slice(0, 1) }).looked.types).toEqual([]);
    const conda = { Target: 'x', Class: 'lang-pkgs', Type: 'conda-pkg', Packages: [] };
    expect(parse({ ...report, Results: [conda] }).looked.types).toEqual([]);
  });

  it.each([
    ['nothing', Buffer.alloc(0), /it is empty/],
    ['no JSON', Buffer.from('{"SchemaVersion": 2,'), /not JSON/],
    ['bytes that are no text', Buffer.from([0x22, 0xff, 0x22]), /not JSON/],
    ['another schema', bytesOf({ ...report, SchemaVersion: 3 }), /SchemaVersion/],
    ['another image', bytesOf({ ...report, ArtifactName: 'other', Metadata: {} }), /it is about other/],
    ['an id that is none', withVulnerability({ VulnerabilityID: '' }), /VulnerabilityID/],
    ['a vulnerability of no package', withVulnerability({ PkgName: undefined }), /PkgName/],
    ['a list that is none', bytesOf({ ...report, Results: {} }), /Results/],
  ])('is refused where it is %s', (_, bytes, why) => {
    expect(() => parseTrivy(bytes, image, program)).toThrow(why);
  });
});

describe("Trivy's version", () => {
  it('tells of which day its advisories are', () => {
    expect(parseTrivyVersion(bytesOf(version))).toEqual(program);
  });

  it.each([
    ['has no advisories yet', { Version: '0.74.0' }],
    ["is Go's time zero", { Version: '0.74.0', VulnerabilityDB: { UpdatedAt: '0001-01-01T00:00:00Z' } }],
  ])('knows no day where it %s', (_, value) => {
    expect(parseTrivyVersion(bytesOf(value)).databaseAt).toBeNull();
  });
});
