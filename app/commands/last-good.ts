import { isPratiqueError } from '../../core/errors.ts';
import type { PolicySet } from '../../policy/bindings/binding.ts';
import { parsePolicySources } from '../../policy/bindings/sources.ts';
import type { Config } from '../config/config.ts';
import { parseGood } from '../policy/good.ts';
import { configuredSet } from './policy-source.ts';

/** The policy set that a command tells of, whatever its files are like. */
export interface StandingSet {
  /** Of the files; while they are wrong what a server has last had in force; null: there was none. */
  readonly set: PolicySet | null;
  /** Why the files are not what is told; null: they are. */
  readonly problem: string | null;
}

/**
 * For commands that tell what is recorded, and so have something to say while the policy's files are wrong.
 * @param kept what the state has of the last good policy
 */
export function standingSet(config: Pick<Config, 'policyFile'>, kept: string | null): StandingSet {
  try {
    return { set: configuredSet(config), problem: null };
  } catch (error) {
    if (!isPratiqueError(error) || error.code !== 'policy-invalid') throw error;
    return { set: lastGood(kept), problem: error.message };
  }
}

function lastGood(kept: string | null): PolicySet | null {
  const good = kept === null ? null : parseGood(kept);
  if (good === null) return null;
  try {
    return parsePolicySources(good.sources);
  } catch (error) {
    if (isPratiqueError(error)) return null;
    throw error;
  }
}
