/** A place in the file and what is wrong there. `found` is filled in from the file where it is null. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly found: string | null;
  readonly allowed: string;
  /** The position of the key itself and not of its value. */
  readonly atKey: boolean;
}

/** Ids that outcomes about the image as a whole use. */
const reserved = new Set(['artifacts', 'unfit']);

/**
 * What no schema of a single value can say. Works on the unread file, so that these problems are told together
 * with those of shape and not one edit later.
 */
export function crossChecks(file: unknown): readonly Problem[] {
  const rules = field(file, 'rules');
  if (!Array.isArray(rules)) return [];
  const seen = new Map<string, number>();
  return rules.flatMap((rule: unknown, index) => [
    ...duplicateId(field(rule, 'id'), index, seen),
    ...condition(field(rule, 'when'), field(rule, 'action'), index),
  ]);
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

function condition(when: unknown, action: unknown, index: number): readonly Problem[] {
  const path = ['rules', index, 'when'];
  if (typeof when !== 'object' || when === null || Array.isArray(when)) return [];
  if (Object.keys(when).length === 0) {
    const allowed = 'at least one condition, or "any: true" for every finding';
    return [{ path, found: 'no condition', allowed, atKey: false }];
  }
  const kind = field(when, 'kind');
  if (action !== 'deny' || !Array.isArray(kind) || !kind.includes('bugfix')) return [];
  const allowed = 'vulnerability or malware where the action is deny (a bugfix is no reason to deny)';
  return [{ path: [...path, 'kind', kind.indexOf('bugfix')], found: null, allowed, atKey: false }];
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}
