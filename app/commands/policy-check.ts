import { type Console, exitCodes } from '../console.ts';
import { readPolicy } from '../policy-file.ts';
import { policyText } from '../report/policy-report.ts';

/**
 * `pratique policy check FILE`.
 * @throws PratiqueError `policy-invalid`, one line for every problem: `file:line:column path: found X, allowed Y`
 */
export function policyCheck(options: { readonly file: string }, console: Console): Promise<number> {
  console.out(policyText(readPolicy(options.file)));
  return Promise.resolve(exitCodes.ok);
}
