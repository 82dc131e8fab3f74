import { describe, expect, it } from '@jest/globals';
import { parseHarbor, parseHarborMetadata } from './parse.ts';
import { bytesOf, digest, manifestType, metadata, report, vulnerability } from './samples.ts';

const looked = { system: null, types: ['npm'] } as const;
const parse = (value: unknown) =>
  parseHarbor(bytesOf(value), digest, { databaseAt: '2026-06-01T06:00:00.000Z' }, looked);
const withFields = (fields: object) =>
  parse({ ...report, vulnerabilities: [{ ...vulnerability, ...fields }] }).findings[0];

describe("an adapter's report", () => {
  it('becomes findings, with what the operator says that the scanner knows', () => {
    expect(parse(report)).toEqual({
      scanner: { name: 'Clair', version: '4.8.0' },
      databaseAt: '2026-06-01T06:00:00.000Z',
      looked,
      findings: [
        {
          id: 'CVE-2024-0001',
          kind: 'vulnerability',
          aliases: [],
          package: 'openssl',
          source: 'openssl',
          packageType: 'generic',
          version: '3.0.1-1',
          purl: '',
          severity: 'high',
          cvss: { vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', score: 7.5 },
          status: 'fixed',
          fixedVersion: '3.0.2-1',
          kev: null,
          epss: null,
          published: null,
          fixedSince: null,
          url: 'https://tracker.example/CVE-2024-0001',
          summary: 'A buffer is read beyond its end.',
        },
      ],
    });
  });

  it.each([
    [{ severity: 'None' }, { severity: 'negligible' }],
    [{ severity: 'Negligible' }, { severity: 'negligible' }],
    [{ severity: 'Unknown' }, { severity: 'unknown' }],
    [{ severity: 'a word to come' }, { severity: 'unknown' }],
    [{ severity: null }, { severity: 'unknown' }],
    [{ fix_version: '' }, { status: 'affected', fixedVersion: null }],
    [{ links: ['javascript:alert(1)'] }, { url: '' }],
    [
      { links: null, preferred_cvss: null, description: null },
      { url: '', cvss: null, summary: '' },
    ],
    [{ id: 'ALBA-2024:0001' }, { kind: 'bugfix' }],
    [{ id: 'MAL-2024-1' }, { kind: 'malware' }],
  ])('takes %j for what it means', (fields, expected) => {
    expect(withFields(fields)).toMatchObject(expected);
  });

  it('may find nothing', () => {
    expect(parse({ ...report, vulnerabilities: null }).findings).toEqual([]);
  });

  it.each([
    ['of another image', { ...report, artifact: { digest: `sha256:${'b'.repeat(64)}` } }, /it is about/],
    ["nobody's", { ...report, scanner: undefined }, /scanner/],
    [
      'of a vulnerability without a name',
      { ...report, vulnerabilities: [{ ...vulnerability, id: '' }] },
      /id/,
    ],
  ])('is refused where it is %s', (_, value, why) => {
    expect(() => parse(value)).toThrow(why);
  });
});

describe("an adapter's metadata", () => {
  it('tells which report to ask for, however its type is written, and of which day the advisories are', () => {
    const { scanner, databaseAt, reportFor } = parseHarborMetadata(bytesOf(metadata));
    expect({ scanner, databaseAt }).toMatchObject({
      scanner: { name: 'Clair', version: '4.8.0' },
      databaseAt: '2026-06-01T06:00:00.000Z',
    });
    expect(reportFor(manifestType)).toBe('application/vnd.security.vulnerability.report; version=1.1');
    expect(reportFor('application/vnd.oci.image.index.v1+json')).toBeNull();
  });

  it('does not take an SBOM for vulnerabilities', () => {
    const only = { ...metadata, capabilities: metadata.capabilities.slice(0, 1) };
    expect(parseHarborMetadata(bytesOf(only)).reportFor(manifestType)).toBeNull();
  });
});
