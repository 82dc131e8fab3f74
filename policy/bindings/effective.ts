import { createHash } from 'node:crypto';
import { type GrantedException, isContextFree } from '../../core/exception.ts';
import type { Policy } from '../policy.ts';
import { canonicalJson } from '../revision.ts';
import type { PolicySet } from './binding.ts';
import { setRevision } from './parse.ts';

/**
 * The set with granted exceptions in it. Those that need not know who asks join the policies for which they hold, so
 * that verdicts are made with them; the revision of such a policy goes on after a dot.
 */
export function effectiveSet(set: PolicySet, granted: readonly GrantedException[]): PolicySet {
  const held = holding(granted);
  if (held.length === 0) return set;
  const policies = new Map([...set.policies].map(([name, policy]) => [name, effectivePolicy(policy, held)]));
  const scoped = held.filter(({ scope }) => !isContextFree(scope));
  return { ...set, policies, revision: `${setRevision({ ...set, policies })}.${shortHash(scoped)}` };
}

/** A policy with the exceptions of `granted` that hold for it whoever asks; itself where none does. */
export function effectivePolicy(policy: Policy, granted: readonly GrantedException[]): Policy {
  const added = holding(granted).filter(
    ({ scope }) => isContextFree(scope) && isMeant(scope.policies, policy.name),
  );
  if (added.length === 0) return policy;
  return {
    ...policy,
    exceptions: [...policy.exceptions, ...added],
    revision: `${policy.revision}.${shortHash(added)}`,
  };
}

export function isMeant(names: readonly string[], name: string): boolean {
  return names.length === 0 || names.includes(name);
}

function holding(granted: readonly GrantedException[]): readonly GrantedException[] {
  return granted.filter(({ revoked }) => revoked === null).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function shortHash(exceptions: readonly GrantedException[]): string {
  return createHash('sha256').update(canonicalJson(exceptions)).digest('hex').slice(0, 8);
}
