import type { Finding } from '../core/finding.ts';
import type { Dates } from './finding-dates.ts';
import type { FindingRule } from './policy.ts';

/** From when to when a finding has grace under a rule; both in milliseconds since 1970. Before it begins there is none. */
export interface GraceSpan {
  readonly begins: number;
  readonly ends: number;
}

/**
 * The grace of a finding under a rule; null: it has none. It counts from the publication, or for rules about fixes from
 * when the fix was known, if that was later. What nobody dates has none.
 */
export function graceSpan(rule: FindingRule, finding: Finding, dates: Dates): GraceSpan | null {
  if (rule.grace === null) return null;
  // Nobody can tell: it might be exploited.
  const known = finding.kev === false;
  const period = known ? rule.grace.period : rule.grace.knownExploited;
  if (period === null) return null;
  let begins = dates.read(finding.published);
  if (Number.isNaN(begins)) return null;
  if (rule.when.fixAvailable === true || rule.when.fixAvailableFor !== null) {
    const fixed = dates.read(finding.fixedSince);
    if (fixed > begins) begins = fixed;
  }
  return { begins, ends: begins + period.milliseconds };
}
