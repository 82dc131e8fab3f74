import { describe, expect, it } from '@jest/globals';
import { compareMarks, compareVerdicts, type Verdict } from '../core/verdict.ts';
import { at, blocker, verdict } from './samples.ts';
import { markOf } from './verdict-row.ts';

const all: readonly Partial<Verdict>[] = [
  {},
  { evaluatedAt: at(1) },
  { policyRevision: 'p2' },
  { advisoriesRevision: 'a2' },
  { validUntil: at(9) },
  { next: { at: at(9), status: 'fail' } },
  { next: { at: at(9), status: 'error' } },
  { summary: { ...verdict().summary, fixable: 3 } },
  { status: 'fail' },
  { status: 'fail', reasons: ['one'] },
  { status: 'fail', reasons: ['one'], validUntil: at(9) },
  { blockers: { complete: true, list: [blocker('CVE-2026-1')] } },
  { blockers: { complete: false, list: [blocker('CVE-2026-1')] } },
];

describe('what a standing verdict is compared by', () => {
  it('says of any two verdicts what the verdicts themselves say', () => {
    for (const one of all) {
      for (const other of all) {
        const [before, after] = [verdict(one), verdict(other)];
        const compared = compareMarks(markOf(before).mark, markOf(after).mark);
        expect([one, other, compared]).toEqual([one, other, compareVerdicts(before, after)]);
      }
    }
  });
});
