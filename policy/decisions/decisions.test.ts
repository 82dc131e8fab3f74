import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type AskContext, plainContext } from '../../core/context.ts';
import { viewOf } from '../../core/inventory.ts';
import type { Verdict } from '../../core/verdict.ts';
import { setOf } from '../bindings/parse.ts';
import { makeRulebook } from '../bindings/rule.ts';
import { evaluate } from '../evaluate.ts';
import { parsePolicy } from '../parse.ts';
import type { Policy } from '../policy.ts';
import { runPolicyTests } from '../policy-tests.ts';
import { readyPolicies } from '../ready/index.ts';
import { type MadeUp, madeUp } from './samples-made-up.ts';
import { madeParts, withParts } from './samples-markdown.ts';
import { columns, readyDecisions } from './samples-ready.ts';
import { ruleDecisions } from './samples-rules.ts';
import { type ScopeDecision, scopeDecisions } from './samples-scopes.ts';

function judged(policy: Policy, image: MadeUp): Verdict {
  const { inventory, match, scannedAt, image: names, at } = madeUp(image);
  return evaluate({ policy, inventory: viewOf(inventory), match, scannedAt, image: names, at, scanner: 's' });
}

const ready = new Map([...readyPolicies].map(([name, read]) => [name, read()]));

describe('the policies that are always there', () => {
  it.each(readyDecisions)('%s', (_found, image, statuses) => {
    const said = columns.map((name) => {
      const policy = ready.get(name);
      return policy === undefined ? null : judged(policy, image).status;
    });
    expect(said).toEqual(statuses);
  });
});

describe('a rule that denies', () => {
  it.each(ruleDecisions)('$rule on $found: $status', ({ rule, image, status, says }) => {
    const text = `version: 1\nname: example\nrules:\n  - { id: rule, action: deny, ${rule} }\n`;
    const verdict = judged(parsePolicy(text, 'example.yaml'), image);
    expect([verdict.status, verdict.reasons[0] ?? null]).toEqual([
      status,
      says === null ? null : expect.stringContaining(says),
    ]);
  });
});

describe('an exception in a scope', () => {
  const decide = ({ scope, context }: Pick<ScopeDecision, 'scope' | 'context'>) => {
    const written = scope === '' ? '' : `, scope: { ${scope} }`;
    const policy = parsePolicy(
      `version: 1
name: example
rules: [{ id: critical, action: deny, when: { severity: { atLeast: critical, unknown: false } } }]
exceptions: [{ advisory: CVE-1, reason: not called, author: ada, expires: 2026-12-31${written} }]
`,
      'example.yaml',
    );
    const verdict = judged(policy, { findings: [{ id: 'CVE-1', severity: 'critical' }] });
    const book = makeRulebook(setOf(policy), []);
    const asker: AskContext = { ...plainContext(context.gate), ...context };
    const { at } = madeUp({});
    const selection = book.select(asker, { upstream: 'docker.io', repository: 'docker.io/library/x' });
    if (selection.kind !== 'bound') throw new Error(selection.kind);
    const says = selection.bounds.map(
      (bound) => book.rule(bound, verdict, asker, ['docker.io/library/x'], at).status,
    );
    return { verdict: verdict.status, says: says[0] };
  };
  it.each(scopeDecisions)('"$scope", and $asks: $says', ({ verdict, says, ...given }) => {
    expect(decide(given)).toEqual({ verdict, says });
  });
});

it('the policy that docs/policy.md shows passes the tests that it shows', () => {
  const document = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');
  const blocks = [...document.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text ?? '');
  const shown = (start: string) => blocks.find((text) => text.startsWith(start)) ?? '';
  const policy = parsePolicy(`${shown('version: 1\nname: production\n')}${shown('tests:\n')}`, 'policy.yaml');
  const results = runPolicyTests(policy).map(({ name, passed, reasons }) => ({ name, passed, reasons }));
  expect(results.length).toBeGreaterThan(2);
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
});

it('docs/policy.md shows these tables (UPDATE_DOCS=1 writes them)', () => {
  const file = new URL('../../docs/policy.md', import.meta.url);
  const document = readFileSync(file, 'utf8');
  const made = withParts(document, madeParts());
  if (process.env.UPDATE_DOCS === '1') writeFileSync(file, made);
  else expect(document).toBe(made);
});
