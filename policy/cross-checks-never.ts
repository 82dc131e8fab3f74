import { field, type Problem } from './problem.ts';
import { demandNames } from './requirements.ts';
import { oneLine } from './text.ts';

/** Exceptions that name policies, and not the one in whose file they stand. */
export function exceptionsOfOthers(name: unknown, exceptions: readonly unknown[]): readonly Problem[] {
  if (typeof name !== 'string') return [];
  return exceptions.flatMap((exception, index): readonly Problem[] => {
    const policies = field(field(exception, 'scope'), 'policies');
    if (!Array.isArray(policies) || policies.length === 0 || policies.includes(name)) return [];
    const allowed = `"${oneLine(name, 100)}", whose file this is, or no policies at all; for others write it into their files, or grant it with "pratique exception add"`;
    const named = policies.filter((one) => typeof one === 'string').map((one) => `"${one}"`);
    const found = `an exception that can never hold here, for ${oneLine(named.join(', '), 100)}`;
    return [{ path: ['exceptions', index, 'scope', 'policies'], found, allowed, atKey: false }];
  });
}

/** Tests that expect a say of rules which are not there. */
export function expectedRules(rules: readonly unknown[], tests: readonly unknown[]): readonly Problem[] {
  const ids = rules.map((rule) => field(rule, 'id')).filter((id) => typeof id === 'string');
  const known = [...ids, ...demandNames];
  return tests.flatMap((test, index) => {
    const named = field(field(test, 'expect'), 'rules');
    if (!Array.isArray(named)) return [];
    return named.flatMap((id: unknown, place): readonly Problem[] => {
      if (typeof id !== 'string' || known.includes(id)) return [];
      const path = ['tests', index, 'expect', 'rules', place];
      return [{ path, found: null, allowed: known.join(', '), atKey: false }];
    });
  });
}

/** Conditions of a rule that contradict each other: it would never catch anything. */
export function neverCatches(when: unknown, path: Problem['path']): readonly Problem[] {
  if (field(when, 'fixAvailable') !== false) return [];
  const problems: Problem[] = [];
  if (field(when, 'fixAvailableFor') !== undefined) {
    const found = '"fixAvailableFor" beside "fixAvailable: false", which together catch nothing';
    problems.push({ path: [...path, 'fixAvailableFor'], found, allowed: 'one of the two', atKey: true });
  }
  const status = field(when, 'status');
  if (Array.isArray(status) && status.length > 0 && status.every((one) => one === 'fixed')) {
    const found = '"status: [fixed]" beside "fixAvailable: false", which together catch nothing';
    const allowed = 'affected, will_not_fix, under_investigation or undetermined there, or no status';
    problems.push({ path: [...path, 'status'], found, allowed, atKey: true });
  }
  return problems;
}
