import { exceptionsOfOthers, expectedRules, neverCatches } from './cross-checks-never.ts';
import { ruleChecks } from './cross-checks-rule.ts';
import { sameExceptions, sameRules } from './cross-checks-twice.ts';
import { field, type Problem } from './problem.ts';

export type { Problem } from './problem.ts';

/** Ids that outcomes about the image as a whole use. */
const reserved = new Set(['artifacts', 'unfit']);

/**
 * What no schema of a single value can say. Works on the unread file, so that these problems are told together
 * with those of shape and not one edit later.
 */
export function crossChecks(file: unknown): readonly Problem[] {
  const rules = field(file, 'rules');
  const exceptions = listAt(file, 'exceptions');
  const ofExceptions = [
    ...exceptionsOfOthers(field(file, 'name'), exceptions),
    ...sameExceptions(exceptions),
  ];
  if (!Array.isArray(rules)) return ofExceptions;
  const seen = new Map<string, number>();
  const ofRules = rules.flatMap((rule: unknown, index) => [
    ...duplicateId(field(rule, 'id'), index, seen),
    ...ruleChecks(rule, ['rules', index]),
    ...neverCatches(field(rule, 'when'), ['rules', index, 'when']),
  ]);
  return [...ofRules, ...sameRules(rules), ...ofExceptions, ...expectedRules(rules, listAt(file, 'tests'))];
}

function listAt(file: unknown, key: string): readonly unknown[] {
  const value = field(file, key);
  return Array.isArray(value) ? value : [];
}

function duplicateId(id: unknown, index: number, seen: Map<string, number>): readonly Problem[] {
  if (typeof id !== 'string') return [];
  const path = ['rules', index, 'id'];
  if (reserved.has(id)) {
    return [{ path, found: null, allowed: `an id other than ${[...reserved].join(', ')}`, atKey: false }];
  }
  const first = seen.get(id);
  seen.set(id, first ?? index);
  if (first === undefined) return [];
  const found = `"${id.slice(0, 80)}", which is the id of rules[${first}] too`;
  return [{ path, found, allowed: 'an id of its own', atKey: false }];
}
