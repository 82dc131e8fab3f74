import type { Finding } from '../core/finding.ts';
import type { Severity } from '../core/severity.ts';
import type { VerdictSummary } from '../core/verdict.ts';

/** Counts of some findings, with the worst of them. Numbers are positions. */
export function summaryOf(
  counted: readonly number[],
  worst: readonly number[],
  findings: readonly Finding[],
): VerdictSummary {
  const counts: Record<Severity, number> = {
    critical: 0,
    high: 0,
    medium: 0,
    low: 0,
    negligible: 0,
    unknown: 0,
  };
  let fixable = 0;
  for (const position of counted) {
    const finding = findings[position];
    if (finding === undefined) continue;
    counts[finding.severity] += 1;
    if (finding.fixedVersion !== null) fixable += 1;
  }
  const shown = worst.flatMap((position) => {
    const finding = findings[position];
    if (finding === undefined) return [];
    const { id, aliases, package: name, version, severity, fixedVersion, kev, status } = finding;
    return [{ id, aliases, package: name, version, severity, fixedVersion, kev, status }];
  });
  return { counts, fixable, worst: shown };
}
