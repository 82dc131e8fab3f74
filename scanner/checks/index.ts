import { type Check, type CheckId, checkIds, mostFindingsOfCheck } from '../../core/check.ts';
import type { ScanSettings } from '../settings.ts';
import { addFromUrl } from './add-from-url.ts';
import type { CheckGround, CheckOf } from './check.ts';
import { exposesSsh } from './exposes-ssh.ts';
import { noHealthcheck } from './no-healthcheck.ts';
import { runsAsRoot } from './runs-as-root.ts';
import { secretChecks } from './secrets.ts';
import { setuidFile } from './setuid-file.ts';
import { worldWritable } from './world-writable.ts';

/** Every check. Another one goes here, into `checkIds` (core/check.ts) and into the table of checks.test.ts. */
export const checks: readonly CheckOf[] = [
  ...secretChecks,
  setuidFile,
  worldWritable,
  addFromUrl,
  runsAsRoot,
  exposesSsh,
  noHealthcheck,
];

/** What the checks have found, in their order, and a bounded number of each. */
export function findChecks(ground: CheckGround, off: readonly CheckId[]): readonly Check[] {
  return checks.flatMap(({ id, find }) => {
    if (off.includes(id)) return [];
    const found = find(ground).map((one): Check => ({ id, ...one }));
    if (found.length <= mostFindingsOfCheck) return found;
    const more = found.length - mostFindingsOfCheck;
    return [...found.slice(0, mostFindingsOfCheck), { id, detail: `and ${more} more of the same kind` }];
  });
}

/** Checks of which nobody can tell whether there is anything to find, if they have found nothing. */
export function uncheckedBy({ checksOff }: ScanSettings): readonly CheckId[] {
  const sources: readonly CheckId[] = ['secret-in-file', 'secret-in-environment', 'secret-in-history'];
  // What is not searched for secrets is not searched for what may be one.
  const partly = sources.some((id) => checksOff.includes(id));
  return checkIds.filter((id) => checksOff.includes(id) || (partly && id === 'possible-secret'));
}
