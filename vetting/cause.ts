import type { Cause } from '../core/change.ts';
import type { Verdict, VerdictTerms } from '../core/verdict.ts';

/**
 * Why a verdict is made again, from what has changed since the last one; what reaches furthest is told.
 * The revision of a policy names its rules, and after a dot the exceptions that were granted for it.
 * @param at milliseconds since 1970
 */
export function causeOf(
  before: Pick<VerdictTerms, 'policyRevision' | 'advisoriesRevision' | 'scanner' | 'validUntil'> | null,
  ground: Pick<VerdictTerms, 'policyRevision' | 'advisoriesRevision' | 'scanner'>,
  at: number,
): Cause {
  if (before === null) return 'first';
  if (before.scanner !== ground.scanner) return 'scan';
  if (rulesOf(before.policyRevision) !== rulesOf(ground.policyRevision)) return 'policy';
  if (before.policyRevision !== ground.policyRevision) return 'exception';
  if (before.advisoriesRevision !== ground.advisoriesRevision) return 'advisories';
  const overtaken = before.validUntil !== null && at >= Date.parse(before.validUntil);
  return overtaken ? 'time' : 'images';
}

/** As `causeOf`, where the whole of what stood is known: whether it is what VEX silences that differs. */
export function causeBetween(before: Verdict | null, verdict: Verdict, at: number): Cause {
  const cause = causeOf(before, verdict, at);
  if (cause !== 'images' || before === null) return cause;
  return silencedBy(before) === silencedBy(verdict) ? cause : 'vex';
}

function silencedBy({ suppressed }: Verdict): string {
  return JSON.stringify(
    suppressed.filter(({ vex }) => vex !== undefined).map(({ id, package: name, vex }) => [id, name, vex]),
  );
}

function rulesOf(revision: string): string {
  return revision.split('.')[0] ?? revision;
}
