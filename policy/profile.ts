import { displayId, type Finding } from '../core/finding.ts';
import { caughtFrom, doubtOf } from './condition.ts';
import type { Answer } from './expressions/program.ts';
import { Dates } from './finding-dates.ts';
import { type GraceSpan, graceSpan } from './grace.ts';
import { weightOf } from './order.ts';
import type { Plan, PlannedRule } from './plan.ts';

/**
 * That a rule catches a finding, as far as the two alone say so: its expression is still to be asked, and whether it is
 * time yet is for who judges.
 */
export interface Possible {
  readonly planned: PlannedRule;
  /** Milliseconds since 1970; a condition that time makes true stays true. */
  readonly from: number;
  /** null: certain, else why nobody can tell. */
  readonly doubt: string | null;
  readonly grace: GraceSpan | null;
  /** What its expression said, and the steps it took; null: not asked yet, or it looks at more than the finding. */
  answer: { readonly said: Answer; readonly steps: number } | null;
}

/** What does not depend on the image, on exceptions or on the time, of a finding under some rules. */
export interface Profile {
  readonly finding: Finding;
  /** The name people know it by. */
  readonly name: string;
  /** How bad it is (order.ts). */
  readonly weight: number;
  /** In the order of the rules. */
  readonly possible: readonly Possible[];
  /** The sentence that was last made of it, and from which titles (reasons.ts). */
  sentence: { readonly titles: readonly number[]; readonly text: string } | null;
}

/** Those of findings, in their order: what is remembered, and what is not yet. */
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
    const { rule } = planned;
    const from = caughtFrom(rule.when, finding, dates);
    if (from === null) continue;
    const doubt = doubtOf(rule.when, finding);
    possible.push({ planned, from, doubt, grace: graceSpan(rule, finding, dates), answer: null });
  }
  return { finding, name: displayId(finding), weight: weightOf(finding), possible, sentence: null };
}
