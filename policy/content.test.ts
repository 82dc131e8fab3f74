import { describe, expect, it } from '@jest/globals';
import { finding, verdictOn } from './samples.ts';

describe('a verdict', () => {
  it('tells which rules decided, with their remedies and counts', () => {
    const verdict = verdictOn({
      findings: [finding(), finding({ package: 'openssl', kev: true }), finding({ severity: 'high' })],
    });
    expect(verdict.rules.map(({ id, action, findings }) => [id, action, findings])).toEqual([
      ['known-exploited', 'deny', 1],
      ['critical-with-fix', 'deny', 2],
      ['high-with-fix', 'warn', 3],
    ]);
    expect(verdict.rules[1]?.remedy).toBe('Update the package to the fixed version.');
    expect(verdict.reasons.map((reason) => reason.split(' ')[3])).toEqual(['openssl', 'libssl3', 'libssl3']);
  });

  it('puts findings that deny before worse ones that do not', () => {
    const lenient = finding({ id: 'CVE-A', aliases: [], severity: 'critical', fixedVersion: null });
    const denied = finding({ id: 'CVE-B', aliases: [], severity: 'low', kev: true });
    expect(verdictOn({ findings: [lenient, denied] }).summary.worst.map((one) => one.id)).toEqual([
      'CVE-B',
      'CVE-A',
    ]);
  });

  it('is bounded, and says what it leaves out', () => {
    const findings = Array.from({ length: 3000 }, (_, i) =>
      finding({ id: `CVE-${i}`, aliases: [], package: 'x'.repeat(5000) }),
    );
    const verdict = verdictOn({ findings });
    expect(verdict.summary.counts.critical).toBe(3000);
    expect(verdict.summary.worst).toHaveLength(10);
    expect(verdict.reasons).toHaveLength(51);
    expect(verdict.reasons.at(-1)).toBe('and 2950 more');
    expect(Math.max(...verdict.reasons.map((reason) => reason.length))).toBeLessThanOrEqual(600);
  });

  it('lets no image write into the terminal', () => {
    const verdict = verdictOn({ findings: [finding({ package: 'a\u001b[2J\nb\u202e' })] });
    expect(verdict.reasons[0]).toContain('in a?[2J?b? 3.0.1-1');
  });
});
