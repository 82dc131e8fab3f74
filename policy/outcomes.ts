import type { RuleOutcome } from '../core/verdict.ts';
import type { Caught } from './finding-rules.ts';
import type { Judgement } from './judgement.ts';
import type { Policy, RuleHead } from './policy.ts';
import type { Unmet } from './requirements.ts';
import { isoTime } from './time.ts';
import type { Hold } from './whole-rules.ts';

/** Every rule that has a say, what decides first. One that denies some findings and cannot tell of others is there for each. */
export function outcomesOf({ caught, holds, unmet }: Judgement, policy: Policy): readonly RuleOutcome[] {
  const demanded = (action: Unmet['action']) =>
    unmet.filter((one) => one.action === action).map((one) => requirement(one));
  const of = new Map<RuleHead, readonly RuleOutcome[]>([
    ...caught.map((one): [RuleHead, readonly RuleOutcome[]] => [one.rule, ofCaught(one)]),
    ...holds.map((one): [RuleHead, readonly RuleOutcome[]] => [one.rule, [ofHold(one)]]),
  ]);
  const all = policy.rules.flatMap((rule) => of.get(rule) ?? []);
  const ruled = (action: RuleOutcome['action']) => all.filter((outcome) => outcome.action === action);
  return [
    ...demanded('deny'),
    ...ruled('deny'),
    ...ruled('error'),
    ...demanded('error'),
    ...demanded('warn'),
    ...ruled('warn'),
    ...ruled('info'),
  ];
}

function requirement({ id, action, title, remedy }: Unmet): RuleOutcome {
  return { id, action, title, why: null, remedy, controls: [], graceUntil: null, findings: 0 };
}

function outcome(rule: RuleHead, action: RuleOutcome['action'], findings: number): RuleOutcome {
  const { id, title, why, remedy, controls } = rule;
  return { id, action, title, why, remedy, controls, graceUntil: null, findings };
}

function ofHold({ rule, certain }: Hold): RuleOutcome {
  return outcome(rule, rule.action === 'deny' && !certain ? 'error' : rule.action, 0);
}

const importCatalogue = 'Import a known-exploited catalogue: pratique advisories update.';

function ofCaught({
  rule,
  denies,
  undecided,
  warns,
  tells,
  why,
  graceUntil,
}: Caught): readonly RuleOutcome[] {
  const outcomes: RuleOutcome[] = [];
  if (denies.length > 0) outcomes.push(outcome(rule, 'deny', denies.length));
  if (undecided.length > 0) {
    const remedy = why?.startsWith('no known-exploited catalogue') === true ? importCatalogue : rule.remedy;
    outcomes.push({ ...outcome(rule, 'error', undecided.length), remedy });
  }
  if (warns.length > 0) {
    const until = graceUntil === null ? null : isoTime(graceUntil);
    outcomes.push({ ...outcome(rule, 'warn', warns.length), graceUntil: until });
  }
  if (tells.length > 0) outcomes.push(outcome(rule, 'info', tells.length));
  return outcomes;
}
