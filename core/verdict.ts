import type { Coverage, Finding } from './finding.ts';
import type { Severity } from './severity.ts';

export type VerdictStatus = 'pass' | 'warn' | 'fail' | 'pending' | 'error';

/** A status that a finished judgement can have. */
export type FinalStatus = Exclude<VerdictStatus, 'pending'>;

/** A rule that had a say. */
export interface RuleOutcome {
  readonly id: string;
  readonly action: 'deny' | 'warn' | 'error';
  readonly title: string;
  readonly remedy: string | null;
  /** How many findings it caught; 0 for rules about the image as a whole. */
  readonly findings: number;
}

/** A finding that an exception lets through: still visible, with who and until when. */
export interface Suppressed {
  readonly id: string;
  readonly package: string;
  readonly by: string;
  readonly reason: string;
  readonly expires: string;
}

export interface VerdictSummary {
  readonly counts: Readonly<Record<Severity, number>>;
  readonly fixable: number;
  /** The worst first, at most ten. */
  readonly worst: readonly Pick<
    Finding,
    'id' | 'aliases' | 'package' | 'version' | 'severity' | 'fixedVersion' | 'kev' | 'status'
  >[];
}

/**
 * What a policy says of one platform manifest. Immutable; times are ISO 8601 in UTC.
 * It holds from `evaluatedAt` until `validUntil` (null: until something other than time changes it); what it
 * turns into then is `next`, so that whoever holds only the verdict is right offline too.
 */
export interface Verdict {
  readonly status: FinalStatus;
  readonly policy: string;
  readonly policyRevision: string;
  readonly advisoriesRevision: string;
  readonly scanner: string;
  readonly rules: readonly RuleOutcome[];
  /** Sentences for a person, what decided first. */
  readonly reasons: readonly string[];
  readonly summary: VerdictSummary;
  readonly coverage: readonly Coverage[];
  readonly suppressed: readonly Suppressed[];
  readonly evaluatedAt: string;
  readonly validUntil: string | null;
  readonly next: { readonly at: string; readonly status: FinalStatus } | null;
}

/** The one predicate that every gate asks. */
export function allows(status: VerdictStatus): boolean {
  return status === 'pass' || status === 'warn';
}

const ranks: Record<VerdictStatus, number> = { fail: 4, error: 3, pending: 2, warn: 1, pass: 0 };

export function worstStatus(statuses: readonly VerdictStatus[]): VerdictStatus | null {
  let worst: VerdictStatus | null = null;
  for (const status of statuses) if (worst === null || ranks[status] > ranks[worst]) worst = status;
  return worst;
}
