import type { MatchResult } from '../core/finding.ts';
import type { InventoryView } from '../core/inventory.ts';
import type { FinalStatus } from '../core/verdict.ts';
import type { Exception, Policy } from './policy.ts';
import { type Unmet, unmetRequirements } from './requirements.ts';
import { type Subject, subjectsOf } from './subject.ts';

/** Everything a judgement is made of, with what time does not change already worked out. */
export interface Case {
  readonly policy: Policy;
  readonly inventory: InventoryView;
  readonly match: MatchResult;
  readonly subjects: readonly Subject[];
}

export function openCase(
  policy: Policy,
  inventory: InventoryView,
  match: MatchResult,
  images: readonly string[],
): Case {
  return { policy, inventory, match, subjects: subjectsOf(policy, match.findings, images) };
}

/** What stands of a case at one instant, before it is put into words. */
export interface Judgement {
  readonly status: FinalStatus;
  readonly live: readonly Subject[];
  readonly suppressed: readonly (readonly [Subject, Exception])[];
  readonly ended: ReadonlySet<Exception>;
  readonly unmet: readonly Unmet[];
}

/** @param at milliseconds since 1970 */
export function judge({ policy, inventory, match, subjects }: Case, at: number): Judgement {
  const live: Subject[] = [];
  const suppressed: [Subject, Exception][] = [];
  const ended = new Set<Exception>();
  for (const subject of subjects) {
    const { exception } = subject;
    if (exception !== null && at < exception.endsAt) {
      suppressed.push([subject, exception]);
    } else {
      live.push(subject);
      if (exception !== null) ended.add(exception);
    }
  }
  const unmet = unmetRequirements(policy, inventory, match, at);
  return { status: statusOf(live, unmet), live, suppressed, ended, unmet };
}

function statusOf(live: readonly Subject[], unmet: readonly Unmet[]): FinalStatus {
  const has = (action: Unmet['action']) => unmet.some((one) => one.action === action);
  if (has('deny') || live.some((subject) => subject.denies.length > 0)) return 'fail';
  if (has('error') || live.some((subject) => subject.undecided.length > 0)) return 'error';
  return has('warn') || live.some((subject) => subject.warns.length > 0) ? 'warn' : 'pass';
}
