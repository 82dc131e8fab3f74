import { always } from './condition.ts';
import type { FindingTable } from './finding-classes.ts';
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
export function graceOf(rule: FindingRule, table: FindingTable, position: number, at: number): GraceOf {
  if (rule.grace === null) return none;
  // Nobody can tell: it might be exploited.
  const known = table.findings[position]?.kev === false;
  const period = known ? rule.grace.period : rule.grace.knownExploited;
  if (period === null) return none;
  let start = table.published[position] ?? Number.NaN;
  if (Number.isNaN(start)) return none;
  if (rule.when.fixAvailable === true || rule.when.fixAvailableFor !== null) {
    const fixed = table.fixedSince[position] ?? Number.NaN;
    if (fixed > start) start = fixed;
  }
  if (start > at) return { ends: always, begins: start };
  return { ends: start + period.milliseconds, begins: null };
}
