import { field, type Problem } from './problem.ts';
import { canonicalJson } from './revision.ts';
import { parseExpiry } from './time.ts';

/** Of a rule all that decides; the rest is words. */
const deciding = ['action', 'when', 'count', 'grace', 'packages', 'checks', 'image', 'expression'];
const subjectOfException = ['advisory', 'package', 'image', 'scope'];

/** Rules that decide the same, of which one is forgotten when the other is changed. */
export function sameRules(rules: readonly unknown[]): readonly Problem[] {
  return repeated(rules, (rule) => textOf(rule, deciding)).map(([index, first]) => ({
    path: ['rules', index],
    found: `a rule that is the same as rules[${first}] but for its name and words`,
    allowed: 'one of the two; make them one, or say how they differ',
    atKey: false,
  }));
}

/** Exceptions for the same, until the same time. With another time the one that holds longest counts. */
export function sameExceptions(exceptions: readonly unknown[]): readonly Problem[] {
  const keyOf = (exception: unknown) => {
    const expires = field(exception, 'expires');
    const until = typeof expires === 'string' ? parseExpiry(expires) : null;
    return until === null ? null : `${until.endsAt} ${textOf(exception, subjectOfException)}`;
  };
  return repeated(exceptions, keyOf).map(([index, first]) => ({
    path: ['exceptions', index],
    found: `an exception for the same as exceptions[${first}], until the same time`,
    allowed: 'one of the two',
    atKey: false,
  }));
}

/** Positions of what was there before, with the first of the same. */
function repeated(
  values: readonly unknown[],
  keyOf: (value: unknown) => string | null,
): readonly (readonly [index: number, first: number])[] {
  const seen = new Map<string, number>();
  return values.flatMap((value, index) => {
    const key = typeof value === 'object' && value !== null ? keyOf(value) : null;
    if (key === null) return [];
    const first = seen.get(key);
    if (first !== undefined) return [[index, first] as const];
    seen.set(key, index);
    return [];
  });
}

/** The order of keys and of lists' elements has no part in it: all lists here are of alternatives. */
function textOf(value: unknown, keys: readonly string[]): string {
  return canonicalJson(keys.map((key) => ordered(field(value, key) ?? null, 0)));
}

/** No rule and no exception goes deeper; what does is refused for its shape. */
const deepest = 6;

function ordered(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return null;
  if (Array.isArray(value)) return value.map((one: unknown) => ordered(one, depth + 1)).sort();
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ordered(inner, depth + 1)]));
}
