import { describe, expect, it } from '@jest/globals';
import type { Verdict, VerdictSummary } from '../core/verdict.ts';
import { explanation } from './explain.ts';

const worst = (
  count: number,
  fields: Partial<VerdictSummary['worst'][number]> = {},
): VerdictSummary['worst'] =>
  Array.from({ length: count }, (_, i) => ({
    id: `DEBIAN-CVE-2024-${i}`,
    aliases: [`CVE-2024-${i}`],
    package: 'openssl',
    version: '3.0.1',
    severity: 'critical',
    fixedVersion: i % 2 === 0 ? '3.0.2' : null,
    kev: false,
    status: 'fixed',
    ...fields,
  }));

function verdict(fields: Partial<Verdict>, listed: VerdictSummary['worst'] = []): Verdict {
  return {
    status: 'fail',
    policy: 'baseline',
    policyRevision: '0',
    advisoriesRevision: '0',
    scanner: 's',
    rules: [],
    reasons: [],
    summary: {
      counts: { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 },
      fixable: 0,
      worst: listed,
    },
    coverage: [],
    suppressed: [],
    blockers: { complete: true, list: [] },
    evaluatedAt: '2026-06-01T00:00:00.000Z',
    validUntil: null,
    next: null,
    ...fields,
  };
}

const deny = (id: string, findings: number) => ({
  id,
  action: 'deny' as const,
  title: id,
  remedy: null,
  why: null,
  controls: [],
  graceUntil: null,
  findings,
});

describe('what a refused client is told', () => {
  const rows: readonly [string, Verdict, string][] = [
    [
      'findings, with their fixes',
      verdict({ rules: [deny('critical-with-fix', 2)] }, worst(3)),
      '2 findings deny (critical-with-fix): CVE-2024-0 critical in openssl 3.0.1 (fixed in 3.0.2); CVE-2024-1 critical in openssl 3.0.1 (no fix)',
    ],
    [
      'more findings than the verdict lists',
      verdict({ rules: [deny('known-exploited', 1), deny('any', 12)] }, worst(1)),
      '1 finding denies (known-exploited), 12 findings deny (any): CVE-2024-0 critical in openssl 3.0.1 (fixed in 3.0.2); +11 more',
    ],
    [
      'an image as a whole',
      verdict(
        { status: 'error', reasons: ['no advisories cover Alpine:v3.19', 'layer 2 could not be read'] },
        worst(1),
      ),
      'no advisories cover Alpine:v3.19; layer 2 could not be read',
    ],
    [
      'an artifact that has findings too',
      verdict(
        { rules: [deny('artifacts', 0), deny('any', 1)], reasons: ['this is no container image'] },
        worst(1),
      ),
      'this is no container image',
    ],
    ['nothing at all', verdict({ status: 'error' }), 'its verdict is error'],
  ];
  it.each(rows)('%s', (_what, given, text) => {
    expect(explanation(given, 1000)).toBe(text);
  });

  it.each([
    ['many findings', verdict({ rules: [deny('any', 5000)] }, worst(10)), /; \+499\d more$/],
    ['one endless reason', verdict({ status: 'error', reasons: ['é\r\n'.repeat(5000)] }), /\.\.\.$/],
    [
      'many rules',
      verdict({ rules: Array.from({ length: 200 }, (_, i) => deny(`rule-${i}`, 3)) }, worst(3)),
      /more$/,
    ],
    [
      'hostile names',
      verdict({ rules: [deny('any', 1)] }, worst(1, { package: '\r\nSet-Cookie: é\u202e' })),
      /Set-Cookie/,
    ],
  ])('stays within its bounds with %s', (_what, given, ending) => {
    for (const limit of [1000, 180]) {
      const message = explanation(given, limit);
      expect(message.length).toBeLessThanOrEqual(limit);
      expect(message).not.toMatch(/[\r\n\u202e]/);
    }
    expect(explanation(given, 1000)).toMatch(ending);
  });

  it('says how many findings had no room', () => {
    expect(explanation(verdict({ rules: [deny('critical-with-fix', 3)] }, worst(3)), 180)).toBe(
      '3 findings deny (critical-with-fix): CVE-2024-0 critical in openssl 3.0.1 (fixed in 3.0.2); CVE-2024-1 critical in openssl 3.0.1 (no fix); +1 more',
    );
  });
});
