import type { Exception } from '../core/exception.ts';
import type { PolicySet } from '../policy/bindings/binding.ts';
import { boundPolicies } from '../policy/bindings/parse.ts';
import type { Policy } from '../policy/policy.ts';
import type { PolicyStanding } from '../proxy/management/policy.ts';

/**
 * What decides at the moment, for the management port.
 * @param problem why the files are not what is in force; null: they are
 * @param inForceSince ISO 8601
 */
export function policyStanding(set: PolicySet, problem: string | null, inForceSince: string): PolicyStanding {
  return {
    name: set.name,
    revision: set.revision,
    policies: boundPolicies(set).map(({ name, revision }) => ({ name, revision })),
    bindings: set.bindings,
    beforeScan: set.beforeScan,
    problem,
    inForceSince,
  };
}

/** Exceptions that stand in the files of policies. */
export function fileExceptions(
  policies: readonly Policy[],
): readonly { readonly policy: string; readonly exception: Exception }[] {
  return policies.flatMap(({ name, exceptions }) =>
    exceptions.filter(({ id }) => id === null).map((exception) => ({ policy: name, exception })),
  );
}
