import { createHash } from 'node:crypto';
import type { Policy } from './policy.ts';

/** What a policy says. Its tests say nothing. */
export type PolicyContent = Omit<Policy, 'revision' | 'tests'>;

/**
 * Names a policy by its content: 16 hex digits of the sha256 of its canonical JSON. Comments, layout and the
 * order of keys do not count; anything that can change a verdict or its words does.
 */
export function policyRevision(policy: PolicyContent): string {
  return createHash('sha256').update(canonicalJson(policy)).digest('hex').slice(0, 16);
}

/** The same text for values that say the same, however the keys of their maps are ordered. */
export function canonicalJson(content: unknown): string {
  return JSON.stringify(content, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
