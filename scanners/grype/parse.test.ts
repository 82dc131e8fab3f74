import { describe, expect, it } from '@jest/globals';
import { parseGrype } from './parse.ts';
import { bytesOf, debMatch, digest, jarMatch, report } from './samples.ts';

const parse = (value: unknown) => parseGrype(bytesOf(value), digest);
const withFix = (fix: unknown) =>
  parse({ ...report, matches: [{ ...debMatch, vulnerability: { ...debMatch.vulnerability, fix } }] })
    .findings[0];

describe("Grype's report", () => {
  it('becomes findings, with who has made it and of which day its advisories are', () => {
    const { findings, ...rest } = parse(report);
    expect(rest).toMatchObject({
      scanner: { name: 'grype', version: '0.116.0' },
      databaseAt: '2026-06-01T06:00:00.000Z',
      looked: { system: null },
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
        purl: 'pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&distro=debian-12',
        severity: 'high',
        cvss: { vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', score: 9.8 },
        status: 'fixed',
        fixedVersion: '3.0.2-1',
        kev: true,
        epss: 0.12,
        published: null,
        fixedSince: '2024-02-01T00:00:00.000Z',
        url: 'https://tracker.example/CVE-2024-0001',
        summary: 'A buffer is read beyond its end.',
      },
      expect.objectContaining({
        id: 'GHSA-jfh8-c2jp-5v3q',
        aliases: ['CVE-2021-44228'],
        package: 'org.apache.logging.log4j:log4j-core',
        packageType: 'maven',
        severity: 'critical',
        status: 'will_not_fix',
        kev: null,
      }),
    ]);
  });

  it.each([
    [
      { versions: ['1', '2'], state: 'fixed' },
      { status: 'fixed', fixedVersion: '1, 2', fixedSince: null },
    ],
    [
      { versions: [], state: 'not-fixed' },
      { status: 'affected', fixedVersion: null },
    ],
    [{ versions: [], state: 'unknown' }, { status: 'affected' }],
    [
      { versions: [''], state: 'fixed' },
      { status: 'affected', fixedVersion: null },
    ],
    [null, { status: 'affected' }],
  ])('takes the fix %j for what it means', (fix, expected) => {
    expect(withFix(fix)).toMatchObject(expected);
  });

  it('knows the day of a database of the older schema', () => {
    const descriptor = {
      name: 'grype',
      version: '0.80.0',
      db: { built: '2024-06-01T00:00:00Z', schemaVersion: 5, error: null },
    };
    expect(parse({ ...report, descriptor }).databaseAt).toBe('2024-06-01T00:00:00.000Z');
  });

  const alert = (type: string) => ({
    ...report,
    alertsByPackage: [{ package: { name: 'libssl3' }, alerts: [{ type, message: 'of Debian 8' }] }],
  });
  it.each([
    ['a release that has ended', alert('distro-eol'), /debian 12: of Debian 8/],
    ['a system that it does not match', alert('distro-disabled'), /of Debian 8/],
    [
      'a system that it has no advisories of',
      { ...report, distro: { name: 'gentoo', version: '' } },
      /no advisories of gentoo/,
    ],
    ['no system', { ...report, distro: { name: '', version: '' } }, /no operating system/],
  ])('says of %s why its silence is worth nothing', (_, value, why) => {
    expect(parse(value).looked.system).toMatch(why);
  });

  const withDb = (db: unknown) => ({ ...report, descriptor: { ...report.descriptor, db } });
  it.each([
    ['a database that is not valid', withDb({ status: { valid: false } }), /database is not valid/],
    ['a database with an error', withDb({ built: '', error: 'damaged' }), /database is not valid/],
    [
      'another image',
      { ...report, source: { target: { manifestDigest: `sha256:${'f'.repeat(64)}` } } },
      /it is about/,
    ],
    ['no matches', { ...report, matches: null }, /matches/],
    [
      'a match without an id',
      { ...report, matches: [{ ...jarMatch, vulnerability: {} }] },
      /vulnerability.id/,
    ],
  ])('is refused where it is of %s', (_, value, why) => {
    expect(() => parse(value)).toThrow(why);
  });
});
