import { PratiqueError } from '../../core/errors.ts';
import { readyTexts } from '../../policy/ready/index.ts';
import { listOf } from '../../policy/text.ts';
import { type Console, exitCodes } from '../console.ts';
import { formatTable } from '../report/table.ts';

/** `pratique policy list`: each ready policy with the first line of its file. */
export function listPolicies(console: Console): Promise<number> {
  const rows = [...readyTexts].map(([name, text]) => [
    name,
    text.split('\n', 1)[0]?.replace(/^# */, '') ?? '',
  ]);
  console.out(formatTable(['POLICY', 'WHAT IT DOES'], rows));
  return Promise.resolve(exitCodes.ok);
}

/**
 * `pratique policy show NAME`.
 * @throws PratiqueError `usage-invalid`
 */
export function showPolicy({ name }: { readonly name: string }, console: Console): Promise<number> {
  const text = readyTexts.get(name);
  if (text === undefined) {
    const there = listOf([...readyTexts.keys()]);
    throw new PratiqueError('usage-invalid', `there is no ready policy "${name}", allowed ${there}`, {
      name,
    });
  }
  console.out(text.trimEnd());
  return Promise.resolve(exitCodes.ok);
}
