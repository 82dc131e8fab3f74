import { describe, expect, it } from '@jest/globals';
import { explainClearance } from './denial.ts';
import { parseDigest } from './digest.ts';
import type { PlatformClearance } from './ports/gate.ts';
import type { RuleOutcome, Verdict } from './verdict.ts';

const rule = (action: RuleOutcome['action'], remedy: string | null): RuleOutcome => ({
  ...{ id: 'r', action, title: 'R', why: null, remedy, controls: [], graceUntil: null, findings: 1 },
});

function platform(status: 'pass' | 'warn' | 'fail', ...rules: RuleOutcome[]): PlatformClearance {
  const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
  if (digest === null) throw new Error('no digest');
  const verdict: Verdict = {
    ...{ status, policy: 'p', policyRevision: '', advisoriesRevision: '', scanner: '', rules, reasons: [] },
    summary: {
      counts: { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 },
      ...{ fixable: 0, worst: [] },
    },
    ...{ coverage: [], suppressed: [], blockers: { complete: true, list: [] } },
    ...{ evaluatedAt: '', validUntil: null, next: null },
  };
  return { platform: null, digest, status, verdict, failure: null };
}

const ruled = { binding: 'default', policy: 'baseline', mode: 'enforce' } as const;
const plain = { status: 'fail', reasons: ['it is bad'], platforms: [], ruled: null } as const;

describe('the words of a denial', () => {
  it.each<[what: string, clearance: Partial<Parameters<typeof explainClearance>[0]>, told: string]>([
    ['its reasons', { reasons: ['a', 'b'] }, 'a; b'],
    ['no reasons', { reasons: [] }, 'its verdict is fail'],
    ['many reasons', { reasons: [...'abcdefgh'] }, 'a; b; c; d; e; f (+2 more)'],
    ['who has decided', { ruled }, 'it is bad (policy baseline, binding default)'],
    [
      'what to do, once for each rule',
      {
        platforms: [
          platform('fail', rule('deny', 'Update it.'), rule('deny', 'Update it.'), rule('error', 'Move.')),
        ],
        ruled,
      },
      'it is bad. What to do: Update it; Move (policy baseline, binding default)',
    ],
    [
      'nothing to do for what only warns, or for another platform',
      { platforms: [platform('fail', rule('warn', 'Update it.')), platform('warn', rule('deny', 'Move.'))] },
      'it is bad',
    ],
    [
      'nothing to do where it is allowed',
      { status: 'warn', platforms: [platform('warn', rule('deny', 'Update it.'))] },
      'it is bad',
    ],
  ])('are %s', (_what, clearance, told) => {
    expect(explainClearance({ ...plain, ...clearance }, 1000)).toBe(told);
  });

  it.each([80, 200, 1000])(
    'are bounded to %d characters, with room for what to do and who has decided',
    (limit) => {
      const platforms = [platform('fail', rule('deny', 'y'.repeat(5000)))];
      const text = explainClearance({ ...plain, reasons: ['x'.repeat(5000)], platforms, ruled }, limit);
      expect(text.length).toBeLessThanOrEqual(limit);
      expect(text).toMatch(/^x+….*\(policy baseline, binding default\)$/);
    },
  );
});
