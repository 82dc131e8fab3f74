import { describe, expect, test } from '@jest/globals';
import { explainAsked, explanationLines } from './explain.ts';
import { makeRulebook } from './rule.ts';
import { asker, nginx, now, said, setFrom, setOfBindings } from './samples.ts';

const text =
  'version: 1\nname: t\nbeforeScan: [{ id: p, namespaceLabels: { x: y }, action: refuse, reason: gone }]';

function explain(set = setOfBindings('id: a, users: [ada]', 'id: b, namespaces: [web]'), context = asker()) {
  const book = makeRulebook(set, []);
  const selection = book.select(context, nginx);
  const ruled =
    selection.kind !== 'bound'
      ? []
      : selection.bounds.map((bound) => ({
          ruling: book.rule(bound, said('fail'), context, [], now),
          remedies: ['Update it.', 'Update it.'],
        }));
  return explanationLines(explainAsked({ context, image: nginx }, selection, ruled));
}

describe('an explanation', () => {
  test('says what decided, what was passed over, and what to do', () => {
    expect(explain()).toEqual([
      'denied: the binding b (policy baseline, mode enforce) says fail: its policy says fail',
      'looked at:',
      '  passed over  a: its user is not known, not ada',
      '  holds  b: it fits the namespace web',
      '  passed over  default: b comes first, and fits',
      'b (policy baseline, mode enforce): fail',
      '  its policy says fail',
      '  what to do: Update it.',
    ]);
  });

  test('of what only adds tells first what denies', () => {
    const set = setOfBindings('id: a, mode: audit, workloadLabels: { x: "*" }', 'id: b');
    expect(explain(set, asker({ workloadLabels: { x: '1' } }))[0]).toMatch(/^denied: the binding b /);
  });

  test.each([
    ['a before-scan rule', { x: 'y' }, 'refused unseen: the before-scan rule p fits: gone'],
    ['labels that cannot be read', null, /^not decided: whether the before-scan rule p holds cannot be told/],
  ])('by %s', (_name, namespaceLabels, first) => {
    expect(explain(setFrom(text), asker({ namespaceLabels }))[0]).toMatch(first);
  });
});
