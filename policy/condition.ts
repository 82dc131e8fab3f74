import type { Finding } from '../core/finding.ts';
import { reaches } from '../core/severity.ts';
import type { Dates } from './finding-dates.ts';
import type { Condition, Threshold } from './policy.ts';

/** Since ever. */
export const always = Number.NEGATIVE_INFINITY;

const noCatalogue = 'no known-exploited catalogue was imported; import one with "pratique advisories update"';

/** Whether the class of a finding fits. One that is undetermined, or will not be fixed, is caught like any other. */
export function fitsClass(when: Condition, finding: Finding): boolean {
  const { severity, fixAvailable, statuses, ecosystems, kinds } = when;
  if (!kinds.includes(finding.kind)) return false;
  if (severity !== null && !(reaches(finding.severity, severity.atLeast) ?? severity.unknown)) return false;
  if (fixAvailable !== null && fixAvailable !== (finding.fixedVersion !== null)) return false;
  if (when.fixAvailableFor !== null && finding.fixedVersion === null) return false;
  if (statuses !== null && !statuses.includes(finding.status)) return false;
  if (ecosystems !== null && !ecosystems.includes(finding.packageType)) return false;
  return !(when.knownExploited && finding.kev === false);
}

/**
 * Holds a condition against a finding whose class and name fit. Its expression is not asked.
 * @returns from when on it is caught (milliseconds since 1970); null: it is not
 */
export function caughtFrom(
  { fixAvailableFor, publishedFor, cvss, epss }: Condition,
  finding: Finding,
  dates: Dates,
): number | null {
  if (cvss !== null && !reached(cvss, finding.cvss?.score ?? null)) return null;
  if (epss !== null && !reached(epss, finding.epss)) return null;
  let from = always;
  if (fixAvailableFor !== null) from = after(dates.read(finding.fixedSince), fixAvailableFor.milliseconds);
  if (publishedFor !== null) {
    from = Math.max(from, after(dates.read(finding.published), publishedFor.milliseconds));
  }
  return from;
}

/** Why nobody can tell whether a condition catches a finding, its expression aside; null: it is certain. */
export function doubtOf({ knownExploited }: Condition, finding: Finding): string | null {
  return knownExploited && finding.kev === null ? noCatalogue : null;
}

function reached(threshold: Threshold, value: number | null): boolean {
  return value === null ? threshold.unknown : value >= threshold.atLeast;
}

/** Since ever where nobody says when it began. */
function after(start: number, milliseconds: number): number {
  return Number.isNaN(start) ? always : start + milliseconds;
}
