import { existsSync } from 'node:fs';
import { type GateName, plainContext } from '../../core/context.ts';
import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { GrantedException } from '../../core/exception.ts';
import { openStateReadOnly } from '../../db/state.ts';
import type { PolicySet } from '../../policy/bindings/binding.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import type { Policy } from '../../policy/policy.ts';
import type { Config } from '../config/config.ts';
import { dataPaths } from '../paths.ts';
import { readPolicySet } from '../policy/read.ts';
import { withState } from './state-beside.ts';

/** What a command line calls the policy of the configuration. */
export const currentName = 'current';

/**
 * What the configuration names; without one, the baseline everywhere.
 * @throws PratiqueError `policy-invalid`
 */
export function configuredSet(config: Pick<Config, 'policyFile'>): PolicySet {
  try {
    return readPolicySet(config.policyFile);
  } catch (error) {
    if (!isPratiqueError(error) || config.policyFile === null) throw error;
    const meanwhile =
      'until that is mended, a running server goes by the policy that was last good: "pratique report" and "pratique exception list" tell by it';
    throw new PratiqueError(error.code, `${error.message}\n${meanwhile}`, error.fields, error);
  }
}

/**
 * A policy or policy set as a command line names it: `current`, the name of a ready policy, or a file. A file of
 * that name is meant with its folder, `./strict`.
 * @throws PratiqueError `policy-invalid`
 */
export function namedSet(name: string, config: Pick<Config, 'policyFile'>): PolicySet {
  return name === currentName ? configuredSet(config) : readPolicySet(name);
}

/** The policy set that a command judges by: the one that was named, else the configured one. */
export function chosenSet(name: string | null, config: Pick<Config, 'policyFile'>): PolicySet {
  return name === null ? configuredSet(config) : namedSet(name, config);
}

/**
 * Exceptions that were granted and hold, where there is a state file.
 * @param at milliseconds since 1970
 * @throws PratiqueError `data-unusable`: what was granted cannot be told
 */
export function grantedExceptions(config: Pick<Config, 'data'>, at: number): readonly GrantedException[] {
  const file = dataPaths(config.data).state;
  if (!existsSync(file)) return [];
  return withState(file, openStateReadOnly, (state) => state.listExceptions(new Date(at).toISOString()));
}

/**
 * The policy that holds at a gate for images of which nothing more is known.
 * @throws PratiqueError `usage-invalid` where the set decides there without a policy
 */
export function policyAt(gate: GateName, set: PolicySet): Policy {
  const selection = makeRulebook(set, []).select(plainContext(gate), { upstream: null, repository: null });
  const policy = selection.kind === 'bound' ? selection.bounds.at(-1)?.policy : undefined;
  if (policy !== undefined) return policy;
  throw new PratiqueError('usage-invalid', `the policy set ${set.name} binds no policy at the gate ${gate}`, {
    set: set.name,
  });
}
