import { displayId, type Finding } from '../core/finding.ts';
import { always, caughtFrom, doubtOf } from './condition.ts';
import { Dates } from './finding-dates.ts';
import { graceSpan } from './grace.ts';
import { weightOf } from './order.ts';
import type { Plan } from './plan.ts';
import type { Possible, Profile } from './profile.ts';

/** Profiles of findings, in their order: what is remembered, and what is not yet. */
export function profilesOf(plan: Plan, findings: readonly Finding[]): readonly Profile[] {
  const dates = new Dates();
  return findings.map((finding) => {
    const known = plan.profiles.get(finding);
    if (known !== undefined) return known;
    const profile = profileOf(plan, finding, dates);
    plan.profiles.set(finding, profile);
    return profile;
  });
}

function profileOf(plan: Plan, finding: Finding, dates: Dates): Profile {
  const possible: Possible[] = [];
  for (const planned of plan.candidates(finding)) {
    const { rule, index, program } = planned;
    const from = caughtFrom(rule.when, finding, dates);
    if (from === null) continue;
    const doubt = doubtOf(rule.when, finding);
    const grace = graceSpan(rule, finding, dates);
    const sure = program === null && from === always && doubt === null && grace === null;
    const shared = sure ? plan.sure[index] : undefined;
    possible.push(shared ?? { planned, from, doubt, grace, answer: null });
  }
  return { finding, name: displayId(finding), weight: weightOf(finding), possible, sentence: null };
}
