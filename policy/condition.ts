import type { Finding } from '../core/finding.ts';
import { reaches } from '../core/severity.ts';
import type { Condition } from './policy.ts';

/** `undecided`: everything else holds, and nobody can tell whether it is known to be exploited. */
export type Catch = 'yes' | 'no' | 'undecided';

/**
 * Whether a condition catches a finding. The finding's status has no say: what is undetermined, or will not be
 * fixed, counts as affected.
 * @param names the finding's package and the sources it was built from
 */
export function catches(when: Condition, finding: Finding, names: readonly string[]): Catch {
  if (!when.kinds.includes(finding.kind)) return 'no';
  if (when.ecosystems !== null && !when.ecosystems.includes(finding.packageType)) return 'no';
  if (when.packages !== null && !when.packages.some((name) => names.includes(name))) return 'no';
  if (when.fixAvailable !== null && when.fixAvailable !== (finding.fixedVersion !== null)) return 'no';
  if (when.severity !== null) {
    const severe = reaches(finding.severity, when.severity.atLeast) ?? when.severity.unknown;
    if (!severe) return 'no';
  }
  if (!when.knownExploited || finding.kev === true) return 'yes';
  return finding.kev === null ? 'undecided' : 'no';
}
