import type { FinalStatus } from '../core/verdict.ts';
import { type Caught, caughtByAll } from './finding-rules.ts';
import type { Ground } from './ground.ts';
import { planOf } from './plan.ts';
import type { Policy, RuleAction } from './policy.ts';
import { staleAt, type Unmet, unmetRequirements } from './requirements.ts';
import { type Subjects, subjectsOf } from './subjects.ts';
import { midnightBefore } from './time.ts';
import type { Timeline } from './timeline.ts';
import type { VexWords } from './vex/words.ts';
import { type Hold, wholeHolds } from './whole-rules.ts';

/** What stands of a case at one instant, before it is put into words. */
export interface Judgement {
  readonly status: FinalStatus;
  readonly subjects: Subjects;
  /** In the order of the rules; those that caught nothing are left out. */
  readonly caught: readonly Caught[];
  /** Rules about the whole that hold. */
  readonly holds: readonly Hold[];
  readonly unmet: readonly Unmet[];
}

const day = 86_400_000;

/** Judges at the timeline's instant, and tells the timeline what time will lead to. */
export function judge(
  policy: Policy,
  ground: Ground,
  images: readonly string[],
  timeline: Timeline,
  words: VexWords | null,
): Judgement {
  const { inventory, match } = ground;
  const plan = planOf(policy.rules);
  const subjects = subjectsOf(policy, plan, match.findings, images, timeline, words);
  const caught = caughtByAll(plan, subjects, ground, timeline);
  const whole = wholeHolds(plan.wholeRules, ground);
  for (const hold of whole) foretell(hold, timeline);
  const holds = whole.filter(({ from }) => from <= timeline.at);
  const unmet = unmetRequirements(policy, inventory, match, timeline.at);
  const stale = staleAt(policy, inventory, match);
  const { action } = policy.require.advisories;
  if (stale !== null && action !== 'ignore') timeline.becomes(action, stale);
  if (plan.readsTime) timeline.endsAt(midnightBefore(timeline.at) + day);
  return { status: statusOf(caught, holds, unmet), subjects, caught, holds, unmet };
}

function foretell({ rule, certain, from }: Hold, timeline: Timeline): void {
  if (rule.action === 'info') timeline.changes(from);
  else timeline.becomes(leadsTo(rule.action, certain), from);
}

/** What a rule that holds leads to. A warning that cannot be decided is given: it costs nothing to be told. */
export function leadsTo(action: Exclude<RuleAction, 'info'>, certain: boolean): 'fail' | 'error' | 'warn' {
  if (action === 'warn') return 'warn';
  return certain ? 'fail' : 'error';
}

function statusOf(caught: readonly Caught[], holds: readonly Hold[], unmet: readonly Unmet[]): FinalStatus {
  const demands = (action: Unmet['action']) => unmet.some((one) => one.action === action);
  const holding = (action: RuleAction, certain: boolean) =>
    holds.some((hold) => hold.rule.action === action && hold.certain === certain);
  if (demands('deny') || holding('deny', true) || caught.some(({ denies }) => denies.length > 0))
    return 'fail';
  if (demands('error') || holding('deny', false) || caught.some(({ undecided }) => undecided.length > 0)) {
    return 'error';
  }
  const warned = demands('warn') || holding('warn', true) || holding('warn', false);
  return warned || caught.some(({ warns }) => warns.length > 0) ? 'warn' : 'pass';
}
