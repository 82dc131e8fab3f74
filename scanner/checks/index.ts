import type { Check, ImageFacts } from '../../core/inventory.ts';
import type { CheckOf } from './check.ts';
import { exposesSsh } from './exposes-ssh.ts';
import { noHealthcheck } from './no-healthcheck.ts';
import { runsAsRoot } from './runs-as-root.ts';

/** Every check. Another one goes here, into `checkIds` (core/inventory.ts) and into the table of checks.test.ts. */
export const checks: readonly CheckOf[] = [runsAsRoot, noHealthcheck, exposesSsh];

/** What the checks have found, in their order. */
export function findChecks(facts: ImageFacts): readonly Check[] {
  return checks.flatMap(({ id, find }) => {
    const detail = find(facts);
    return detail === null ? [] : [{ id, detail }];
  });
}
