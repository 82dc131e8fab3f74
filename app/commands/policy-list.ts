import { PratiqueError } from '../../core/errors.ts';
import { readyByName } from '../../policy/bindings/ready.ts';
import { baselineText } from '../../policy/ready/baseline.ts';
import { listOf } from '../../policy/text.ts';
import { type Console, exitCodes } from '../console.ts';

/** `pratique policy list`. */
export function listPolicies(console: Console): Promise<number> {
  for (const name of readyByName().keys()) console.out(name);
  return Promise.resolve(exitCodes.ok);
}

/**
 * `pratique policy show NAME`.
 * @throws PratiqueError `usage-invalid`
 */
export function showPolicy({ name }: { readonly name: string }, console: Console): Promise<number> {
  if (name !== 'baseline')
    throw new PratiqueError(
      'usage-invalid',
      `there is no ready policy "${name}"; there are ${listOf([...readyByName().keys()])}`,
    );
  console.out(baselineText);
  return Promise.resolve(exitCodes.ok);
}
