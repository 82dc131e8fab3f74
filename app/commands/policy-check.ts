import { type Console, exitCodes } from '../console.ts';
import { readPolicySet } from '../policy/read.ts';
import { policyText } from '../report/policy-report.ts';
import { policySetText } from '../report/policy-set-report.ts';

/**
 * `pratique policy check FILE`: of a policy or a policy set.
 * @throws PratiqueError `policy-invalid`, one line for every problem: `file:line:column path: found X, allowed Y`
 */
export function policyCheck(options: { readonly file: string }, console: Console): Promise<number> {
  const set = readPolicySet(options.file);
  const [only, ...others] = set.bindings;
  // A policy alone is a set with one binding that nobody has written.
  const alone = others.length === 0 && set.beforeScan.length === 0 && only?.policy === set.name;
  const policy = alone ? set.policies.get(set.name) : undefined;
  console.out(policy === undefined ? policySetText(set) : policyText(policy));
  return Promise.resolve(exitCodes.ok);
}
