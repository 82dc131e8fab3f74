import { describe, expect, it } from '@jest/globals';
import type { Finding } from '../core/finding.ts';
import { joinHead, jsonBytes, reportRevision, vulnerabilityBody } from './bodies.ts';
import { notClearedItems, whyNoReport, whyNotCleared } from './not-cleared.ts';
import { olderReport, vulnerabilityReport } from './report.ts';
import { digestOf, finding, job, scanned, scanner, source, uncovered, uncoveredVerdict } from './samples.ts';

const listOf = (findings: readonly Finding[]) => vulnerabilityReport(scanned({ findings }), scanner);

describe('a finding in the report', () => {
  it('is told as Harbor shows it', () => {
    expect(listOf([finding()])).toMatchObject({
      scanner,
      severity: 'High',
      vulnerabilities: [
        {
          id: 'CVE-2024-0001',
          package: 'openssl',
          version: '3.0.1-1',
          fix_version: '3.0.2-1',
          severity: 'High',
          status: 'fixed',
          description: 'A buffer is read beyond its end.',
          links: ['https://osv.example/DEBIAN-CVE-2024-0001'],
          preferred_cvss: { score_v3: 7.5, vector_v3: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N' },
          cwe_ids: [],
          vendor_attributes: {
            advisories: ['DEBIAN-CVE-2024-0001'],
            aliases: [],
            kind: 'vulnerability',
            known_exploited: false,
            epss: 0.2,
          },
        },
      ],
    });
  });

  it.each<[what: string, fields: Partial<Finding>, item: object]>([
    ['without a CVE', { id: 'GHSA-x', aliases: ['SNYK-1'] }, { id: 'GHSA-x' }],
    ['without a fix', { fixedVersion: null, status: 'affected' }, { fix_version: '', status: 'affected' }],
    ['negligible', { severity: 'negligible' }, { severity: 'Negligible' }],
    ['of unknown severity', { severity: 'unknown' }, { severity: 'Unknown' }],
    [
      'CVSS 2',
      { cvss: { score: 5, vector: 'AV:N/AC:L/Au:N/C:N/I:N/A:P' } },
      { preferred_cvss: { score_v2: 5, vector_v2: 'AV:N/AC:L/Au:N/C:N/I:N/A:P' } },
    ],
    [
      'CVSS 4',
      { cvss: { score: 9, vector: 'CVSS:4.0/AV:N' } },
      { vendor_attributes: expect.objectContaining({ cvss_v4: { score: 9, vector: 'CVSS:4.0/AV:N' } }) },
    ],
    [
      'a link that Harbor would split',
      { url: 'https://a.example/x|y' },
      { links: ['https://a.example/x%7Cy'] },
    ],
    ['a link of another scheme', { url: 'javascript:alert(1)' }, { links: [] }],
    [
      'undetermined',
      { status: 'undetermined' },
      { description: expect.stringContaining('cannot be told'), status: 'undetermined' },
    ],
    ['a name without end', { package: 'x'.repeat(3000) }, { package: `${'x'.repeat(254)}…` }],
    ['without a summary', { summary: '' }, { description: 'DEBIAN-CVE-2024-0001 has no summary.' }],
    ['malware', { kind: 'malware' }, { vendor_attributes: expect.objectContaining({ kind: 'malware' }) }],
  ])('%s', (_what, fields, item) => {
    expect(listOf([finding(fields)]).vulnerabilities).toEqual([expect.objectContaining(item)]);
  });

  it('CVSS 4 alone is no preferred score', () => {
    const [item] = listOf([finding({ cvss: { score: 9, vector: 'CVSS:4.0/AV:N' } })]).vulnerabilities;
    expect(item).not.toHaveProperty('preferred_cvss');
  });
});

describe('the list', () => {
  it('has one entry for a CVE, a package and a version: the worst, with the links of all', () => {
    const report = listOf([
      finding({ severity: 'medium', fixedVersion: null, cvss: null }),
      finding({ id: 'DSA-1', aliases: ['CVE-2024-0001'], severity: 'critical', url: 'https://dsa.example/' }),
      finding({ id: 'GHSA-1', aliases: ['CVE-2024-0001'], severity: 'unknown', kev: true }),
    ]);
    expect(report.vulnerabilities).toHaveLength(1);
    expect(report.vulnerabilities[0]).toMatchObject({
      severity: 'Critical',
      fix_version: '3.0.2-1',
      links: ['https://dsa.example/', 'https://osv.example/DEBIAN-CVE-2024-0001'],
      vendor_attributes: {
        advisories: expect.arrayContaining(['DSA-1', 'DEBIAN-CVE-2024-0001', 'GHSA-1']),
        known_exploited: true,
      },
    });
  });

  it('keeps other packages and other versions apart, the worst first', () => {
    const report = listOf([
      finding({ severity: 'low' }),
      finding({ version: '1', severity: 'critical' }),
      finding({ package: 'a', severity: 'unknown' }),
    ]);
    expect(report.vulnerabilities.map((item) => item.severity)).toEqual(['Critical', 'Low', 'Unknown']);
    expect(report.severity).toBe('Critical');
  });

  it('has no bug fixes, but says how many there are', () => {
    const report = listOf([finding({ kind: 'bugfix', id: 'ALBA-1', aliases: [] })]);
    expect(report).toMatchObject({
      vulnerabilities: [],
      severity: 'Unknown',
      vendor_attributes: { bug_fixes_left_out: 1 },
    });
  });

  it('keeps what an exception lets through, with who and until when', () => {
    const suppressed = {
      id: 'DEBIAN-CVE-2024-0001',
      exception: 'ex-0123456789ab',
      ticket: 'SEC-7',
      package: 'openssl',
      by: 'ada',
      reason: 'not reachable',
      expires: '2026-12-31',
    };
    const report = vulnerabilityReport(scanned({ verdict: { suppressed: [suppressed] } }), scanner);
    expect(report.vulnerabilities[0]?.vendor_attributes.suppressed).toEqual([
      {
        ...{ by: 'ada', reason: 'not reachable', expires: '2026-12-31' },
        ...{ exception: 'ex-0123456789ab', ticket: 'SEC-7' },
      },
    ]);
    expect(report.vulnerabilities[0]?.description).toBe(
      'Pratique lets it through until 2026-12-31, by ada (SEC-7): not reachable. A buffer is read beyond its end.',
    );
    expect(report.vendor_attributes).toMatchObject({ verdict: 'pass', suppressed: [suppressed] });
  });

  it('has an entry for a rule that refuses the image for something other than a finding, and no failed scan', () => {
    const rule = { ...uncovered, id: 'runs-as-root', title: 'It runs as root', remedy: 'Name a user.' };
    const of = (action: 'deny' | 'warn' | 'info') =>
      scanned({ findings: [], verdict: { status: 'fail', rules: [{ ...rule, action }] } });
    expect(whyNotCleared(of('deny'))).toBeNull();
    expect(vulnerabilityReport(of('deny'), scanner)).toMatchObject({
      severity: 'Critical',
      vulnerabilities: [
        {
          id: 'PRATIQUE-REFUSED-RUNS-AS-ROOT',
          description:
            'This is no vulnerability: the policy refuses the image. It runs as root. Name a user.',
        },
      ],
    });
    expect(vulnerabilityReport(of('info'), scanner).vulnerabilities).toEqual([]);
  });

  it('tells which rule only warns while its grace lasts, and what the verdict turns into', () => {
    const next = { at: '2026-06-08T00:00:00.000Z', status: 'fail' } as const;
    const graceUntil = next.at;
    const rules = [{ ...uncovered, id: 'high', action: 'warn', graceUntil, findings: 1 } as const];
    const report = vulnerabilityReport(scanned({ verdict: { status: 'warn', rules, next } }), scanner);
    expect(report.vendor_attributes).toMatchObject({ verdict: 'warn', rules: [{ graceUntil }], next });
    expect(report.vulnerabilities).toHaveLength(1);
  });

  it('is as API v1.0 has it in the older report', () => {
    const [item] = (olderReport(listOf([finding()])) as { vulnerabilities: object[] }).vulnerabilities;
    expect(Object.keys(item ?? {})).toEqual([
      'id',
      'package',
      'version',
      'fix_version',
      'severity',
      'description',
      'links',
    ]);
  });

  it('has no NUL, which PostgreSQL does not take', () => {
    const bytes = jsonBytes({ name: 'a\u0000b', text: '\\u0000' });
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({ name: 'a\ufffdb', text: '\\u0000' });
  });
});

describe('an image that nobody can judge', () => {
  const undecided = { ...uncovered, id: 'known-exploited', findings: 3 };
  it.each<[what: string, fields: Parameters<typeof scanned>[0], why: string | null]>([
    ['clean', {}, null],
    ['with a warning', { verdict: { status: 'warn', rules: [{ ...uncovered, action: 'warn' }] } }, null],
    [
      'denied for a finding',
      { verdict: { status: 'fail', rules: [{ ...undecided, action: 'deny' }] } },
      null,
    ],
    ['with undecided findings', { verdict: { status: 'error', rules: [undecided] } }, null],
    ['uncovered', { verdict: uncoveredVerdict }, 'no advisories cover Alpine:v3.99'],
    [
      'uncovered, which the policy denies',
      { verdict: { ...uncoveredVerdict, status: 'fail', rules: [{ ...uncovered, action: 'deny' }] } },
      'no advisories cover',
    ],
    [
      'uncovered and denied for a finding',
      {
        verdict: {
          ...uncoveredVerdict,
          status: 'fail',
          rules: [{ ...undecided, action: 'deny' }, uncovered],
        },
      },
      'no advisories cover',
    ],
    ['in error for no named reason', { verdict: { status: 'error' } }, 'Not cleared'],
  ])('%s', (_what, fields, why) => {
    const image = scanned({ findings: [], ...fields });
    const told = why === null ? null : expect.stringContaining(why);
    expect(whyNotCleared(image)).toEqual(told);
    expect(whyNoReport(image, 'vulnerabilities', 'fail')).toEqual(told);
    expect(whyNoReport(image, 'vulnerabilities', 'report')).toBeNull();
    // Whatever the rule: what cannot be judged does not look clean.
    expect(vulnerabilityReport(image, scanner).vulnerabilities.length > 0).toBe(why !== null);
  });

  it('has an entry for each demand that is not met', () => {
    const rules = [uncovered, { ...uncovered, id: 'unfit', title: 'It can be judged' }];
    const items = notClearedItems(scanned({ verdict: { ...uncoveredVerdict, rules } }));
    expect(items.map((item) => [item.id, item.severity])).toEqual([
      ['PRATIQUE-NOT-CLEARED-COVERAGE', 'Critical'],
      ['PRATIQUE-NOT-CLEARED-UNFIT', 'Critical'],
    ]);
    expect(items[0]?.description).toContain('no advisories cover Alpine:v3.99');
  });

  it.each<
    [what: string, fields: Parameters<typeof scanned>[0], kind: 'sbom' | 'vulnerabilities', no: boolean]
  >([
    ['an SBOM of an uncovered image', { verdict: uncoveredVerdict }, 'sbom', false],
    ['an SBOM of an incomplete one', { inventory: { incomplete: [{ what: 'a', why: 'b' }] } }, 'sbom', false],
    ['an SBOM of unfit bytes', { inventory: { unfit: ['layer 1 is not what it claims'] } }, 'sbom', true],
    ['an SBOM of a chart', { inventory: { content: 'artifact' } }, 'sbom', true],
    ['vulnerabilities of a chart', { inventory: { content: 'artifact' } }, 'vulnerabilities', true],
  ])('%s', (_what, fields, kind, no) => {
    for (const rule of ['fail', 'report'] as const) {
      expect(whyNoReport(scanned(fields), kind, rule) !== null).toBe(no);
    }
  });
});

describe('a report in two parts', () => {
  it('is whole JSON with what is the job’s own', () => {
    const body = vulnerabilityBody(scanned(), scanner);
    const parts = joinHead(job(), '2026-06-01T00:00:00.000Z', body);
    expect(JSON.parse(Buffer.concat(parts).toString())).toMatchObject({
      generated_at: '2026-06-01T00:00:00.000Z',
      artifact: { repository: 'library/nginx', digest: digestOf('a'), tag: '1.27' },
      scanner,
      vulnerabilities: [{ id: 'CVE-2024-0001' }],
    });
  });

  const elsewhere = job({ source: source({ repository: 'other/nginx' }) });
  it.each<[what: string, first: string, second: string, same: boolean]>([
    ['nothing', reportRevision(scanned(), scanner, job()), reportRevision(scanned(), scanner, job()), true],
    [
      'the time of judging',
      reportRevision(scanned({ verdict: { evaluatedAt: '2027-01-01T00:00:00.000Z' } }), scanner, job()),
      reportRevision(scanned(), scanner, job()),
      true,
    ],
    [
      'the repository',
      reportRevision(scanned(), scanner, elsewhere),
      reportRevision(scanned(), scanner, job()),
      true,
    ],
    [
      'the repository of an SBOM',
      reportRevision(scanned(), scanner, { ...elsewhere, kinds: ['sbom'] }),
      reportRevision(scanned(), scanner, { ...job(), kinds: ['sbom'] }),
      false,
    ],
    [
      'the advisories',
      reportRevision(scanned({ revision: 'a2' }), scanner, job()),
      reportRevision(scanned(), scanner, job()),
      false,
    ],
    [
      'what the policy says',
      reportRevision(scanned({ verdict: uncoveredVerdict }), scanner, job()),
      reportRevision(scanned(), scanner, job()),
      false,
    ],
    [
      'the program',
      reportRevision(scanned(), { ...scanner, version: '0.2.0' }, job()),
      reportRevision(scanned(), scanner, job()),
      false,
    ],
  ])('shared although this differs: %s', (_what, first, second, same) => {
    expect(first === second).toBe(same);
  });
});
