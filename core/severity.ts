/** Worst first. `unknown` stands apart: it is no low severity, it is one that nobody has told. */
export const severities = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'] as const;

export type Severity = (typeof severities)[number];

/** Larger is worse; `unknown` sorts below `high`, because it may be anything. */
const ranks: Record<Severity, number> = {
  critical: 5,
  high: 4,
  unknown: 3,
  medium: 2,
  low: 1,
  negligible: 0,
};

/** For sorting tables worst first. Not for deciding: a policy names `unknown` on its own. */
export function compareSeverity(a: Severity, b: Severity): number {
  return ranks[b] - ranks[a];
}

export type KnownSeverity = Exclude<Severity, 'unknown'>;

/** Whether a known severity reaches a threshold; null for `unknown`, which the caller has to decide. */
export function reaches(severity: Severity, threshold: KnownSeverity): boolean | null {
  return severity === 'unknown' ? null : ranks[severity] >= ranks[threshold];
}

/** CVSS qualitative rating (CVSS v3.1 specification, section 5; the same in v4.0). Score 0 is `negligible`. */
export function severityOfScore(score: number): Severity {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'negligible';
}
