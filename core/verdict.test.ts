import { describe, expect, it } from '@jest/globals';
import { type Compared, compareVerdicts, textsOf, type Verdict, verdictOf } from './verdict.ts';

const verdict: Verdict = {
  status: 'warn',
  policy: 'house',
  policyRevision: 'p1',
  advisoriesRevision: 'a1',
  scanner: 'deb/1',
  rules: [],
  reasons: ['one'],
  summary: {
    counts: { critical: 0, high: 1, medium: 0, low: 0, negligible: 0, unknown: 0 },
    fixable: 1,
    worst: [],
  },
  coverage: [],
  suppressed: [],
  blockers: { complete: true, list: [] },
  evaluatedAt: '2026-01-01T00:00:00.000Z',
  validUntil: '2026-02-01T00:00:00.000Z',
  next: { at: '2026-02-01T00:00:00.000Z', status: 'fail' },
};
const rule = {
  action: 'warn',
  title: 'A fix',
  why: null,
  remedy: null,
  controls: [],
  graceUntil: null,
} as const;

describe('a verdict compared with the one before it', () => {
  it.each<[string, Partial<Verdict>, Compared]>([
    ['nothing but the time at which it was made', { evaluatedAt: '2026-01-02T00:00:00.000Z' }, 'same'],
    ['its policy', { policyRevision: 'p2' }, 'renewed'],
    ['its advisories', { advisoriesRevision: 'a2' }, 'renewed'],
    ['its scanner', { scanner: 'deb/2' }, 'renewed'],
    ['until when it holds', { validUntil: null }, 'renewed'],
    ['when the next one comes', { next: { at: '2026-02-02T00:00:00.000Z', status: 'fail' } }, 'renewed'],
    ['what the next one is', { next: { at: '2026-02-01T00:00:00.000Z', status: 'error' } }, 'renewed'],
    ['that none comes', { next: null }, 'renewed'],
    ['its summary', { summary: { ...verdict.summary, fixable: 0 } }, 'renewed'],
    [
      'its coverage',
      {
        coverage: [
          { ecosystem: 'npm', release: null, feed: 'f', updatedAt: null, covered: true, packages: 1 },
        ],
      },
      'renewed',
    ],
    ['its status', { status: 'fail' }, 'changed'],
    ['its rules', { rules: [{ ...rule, id: 'any-fix', findings: 1 }] }, 'changed'],
    ['its reasons', { reasons: ['two'] }, 'changed'],
    ['what is suppressed', { suppressed: [suppressed()] }, 'changed'],
    ['what denies', { blockers: { complete: true, list: [{ rule: 'any-fix', finding: null }] } }, 'changed'],
    ['whether all that denies is told', { blockers: { complete: false, list: [] } }, 'changed'],
  ])('differs in %s', (_what, other, expected) => {
    expect(compareVerdicts(verdict, { ...verdict, ...other })).toBe(expected);
    expect(compareVerdicts({ ...verdict, ...other }, verdict)).toBe(expected);
    // Taken apart and put together it is the same: nothing of it is lost.
    const whole: Verdict = { ...verdict, ...other };
    expect(verdictOf(whole.policy, whole, textsOf(whole))).toEqual(whole);
    expect(JSON.stringify(verdictOf(whole.policy, whole, textsOf(whole)))).toBe(
      JSON.stringify({ ...verdict, ...other }),
    );
  });
});

function suppressed(): Verdict['suppressed'][number] {
  return {
    id: 'CVE-2026-1',
    exception: null,
    ticket: null,
    package: 'openssl',
    by: 'ann',
    reason: 'not reachable',
    expires: '2026-02-01',
  };
}
