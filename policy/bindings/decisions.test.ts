import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { PolicySet } from './binding.ts';
import { makeRulebook } from './rule.ts';
import { asker, nginx, now, said, setFrom } from './samples.ts';
import { type Decision, decisionPolicy, decisionSet, decisions } from './samples-decisions.ts';

const set: PolicySet = setFrom(decisionSet, { 'shop.yaml': decisionPolicy });
const book = makeRulebook(set, []);

function decide({ context, image, verdict }: Decision): Pick<Decision, 'holds' | 'answer' | 'status'> {
  const who = asker(context);
  const selection = book.select(who, { ...nginx, ...image });
  switch (selection.kind) {
    case 'refused':
      return { holds: [selection.rule.id], answer: 'refused', status: null };
    case 'passed':
      return { holds: [selection.rule.id], answer: 'let through', status: null };
    case 'undecided':
      return { holds: [], answer: 'not yet', status: null };
    case 'bound': {
      const rulings = selection.bounds.map((bound) =>
        verdict === 'pending'
          ? book.ruleWithout(bound, 'pending', ['it is being inspected'], who)
          : book.rule(bound, said(verdict), who, ['docker.io/library/nginx'], now),
      );
      const decisive = rulings.find(({ allowed }) => !allowed) ?? rulings[0];
      return {
        holds: selection.bounds.map(({ binding }) => binding.id),
        answer: rulings.every(({ allowed }) => allowed) ? 'allowed' : 'denied',
        status: decisive?.status ?? null,
      };
    }
  }
}

describe('the example of docs/bindings.md', () => {
  test.each(decisions)('$asks', (decision) => {
    const { holds, answer, status } = decision;
    expect(decide(decision)).toEqual({ holds, answer, status });
  });

  test('is what stands there', () => {
    const page = readFileSync(new URL('../../docs/bindings.md', import.meta.url), 'utf8');
    expect(page).toContain(decisionSet);
    expect(page).toContain(decisionPolicy);
  });

  test('can be copied to a worker thread', () => {
    expect(structuredClone(set)).toEqual(set);
  });
});
