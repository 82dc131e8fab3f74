import type { Finding } from '../core/finding.ts';
import { always } from './condition.ts';
import type { FindingRule } from './policy.ts';

/** When a grace ends, and the instant at which it will begin where that is to come; both in milliseconds since 1970. */
export interface GraceOf {
  /** `always`: there is none. */
  readonly ends: number;
  /** null: none will begin. */
  readonly begins: number | null;
}

const none: GraceOf = { ends: always, begins: null };

/**
 * The grace of a finding under a rule. It counts from the publication, or for rules about fixes from when the fix was
 * known, if that was later. What nobody dates, or dates into the future, has none.
 */
export function graceOf(rule: FindingRule, finding: Finding, at: number): GraceOf {
  if (rule.grace === null) return none;
  // Nobody can tell: it might be exploited.
  const period = finding.kev === false ? rule.grace.period : rule.grace.knownExploited;
  if (period === null) return none;
  let start = Date.parse(finding.published ?? '');
  if (Number.isNaN(start)) return none;
  if (rule.when.fixAvailable === true || rule.when.fixAvailableFor !== null) {
    const fixed = Date.parse(finding.fixedSince ?? '');
    if (fixed > start) start = fixed;
  }
  if (start > at) return { ends: always, begins: start };
  return { ends: start + period.milliseconds, begins: null };
}
