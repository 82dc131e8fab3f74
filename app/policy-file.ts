import { readFileSync } from 'node:fs';
import { errorText, PratiqueError } from '../core/errors.ts';
import { parsePolicy } from '../policy/parse.ts';
import type { Policy } from '../policy/policy.ts';
import { baselinePolicy } from '../policy/ready/baseline.ts';

/**
 * The policy in a file; null: the built-in baseline.
 * @throws PratiqueError `policy-invalid`
 */
export function readPolicy(file: string | null): Policy {
  if (file === null) return baselinePolicy();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new PratiqueError(
      'policy-invalid',
      `the policy ${file} cannot be read: ${errorText(error)}`,
      { file },
      error,
    );
  }
  return parsePolicy(text, file);
}
