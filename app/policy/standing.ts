import type { Exception } from '../../core/exception.ts';
import type { PolicyStanding } from '../../proxy/management/policy.ts';
import type { PolicyInForce } from './in-force.ts';

type InForce = Pick<PolicyInForce, 'rulebook' | 'policies' | 'name' | 'revision' | 'problem' | 'since'>;

/** What decides at the moment, for the management port. */
export function standingOf(inForce: InForce): PolicyStanding {
  const { set } = inForce.rulebook();
  return {
    name: inForce.name,
    revision: inForce.revision,
    policies: inForce.policies().map(({ name, revision }) => ({ name, revision })),
    bindings: set.bindings,
    beforeScan: set.beforeScan,
    problem: inForce.problem,
    inForceSince: inForce.since,
  };
}

/** Exceptions that stand in the files of policies in force. */
export function fileExceptionsOf(
  inForce: Pick<PolicyInForce, 'policies'>,
): readonly { readonly policy: string; readonly exception: Exception }[] {
  return inForce
    .policies()
    .flatMap(({ name, exceptions }) =>
      exceptions.filter(({ id }) => id === null).map((exception) => ({ policy: name, exception })),
    );
}
