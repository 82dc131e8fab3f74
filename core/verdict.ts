import type { Coverage, Finding } from './finding.ts';
import type { Severity } from './severity.ts';
import type { VexNote } from './vex.ts';

export type VerdictStatus = 'pass' | 'warn' | 'fail' | 'pending' | 'error';

/** A status that a finished judgement can have. */
export type FinalStatus = Exclude<VerdictStatus, 'pending'>;

/** A rule that had a say. */
export interface RuleOutcome {
  readonly id: string;
  /** What it leads to at the time: a rule that would deny warns while its grace lasts. */
  readonly action: 'deny' | 'warn' | 'info' | 'error';
  readonly title: string;
  readonly why: string | null;
  readonly remedy: string | null;
  /** Ids of the controls that it stands for (policy/controls/). */
  readonly controls: readonly string[];
  /** When the first grace of what it caught ends, ISO 8601; null: none is running. */
  readonly graceUntil: string | null;
  /** How many findings it caught; 0 for rules about the image as a whole. */
  readonly findings: number;
}

/** Something that denies, as an exception for a namespace would have to name it. */
export interface Blocker {
  /** Id of the rule. */
  readonly rule: string;
  /** null: no finding denies, but what the image is. No exception lets that through. */
  readonly finding: Pick<Finding, 'id' | 'aliases' | 'package' | 'source'> | null;
}

/** A finding that an exception lets through, or that VEX says to do no harm: still visible, with who and until when. */
export interface Suppressed {
  readonly id: string;
  /** The name people know it by (`displayId`), where that is another than the id. */
  readonly name?: string;
  /** The exception's id; null for one of a policy file. */
  readonly exception: string | null;
  readonly ticket: string | null;
  readonly package: string;
  /** The exception's author; `vex` where it is VEX. */
  readonly by: string;
  readonly reason: string;
  /** null: VEX has no end. */
  readonly expires: string | null;
  /** What the word of others is that silences it: one statement, or one for each CVE that a record bundles. Left out for exceptions. */
  readonly vex?: readonly VexNote[];
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
  /** What denies or cannot be decided, at most 200 and then not `complete`; gates look here for their own exceptions. */
  readonly blockers: { readonly complete: boolean; readonly list: readonly Blocker[] };
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

/** Of when a verdict is, by what it was made, and what time makes of it: all that a renewal may leave of it as it is not. */
export type VerdictTerms = Pick<
  Verdict,
  'policyRevision' | 'advisoriesRevision' | 'scanner' | 'evaluatedAt' | 'validUntil' | 'next'
>;

/** What a verdict says beside its terms and the name of its policy. Two that say the same have equal texts. */
export interface VerdictTexts {
  /** What decides: status, rules, reasons, suppressed and blockers. */
  readonly decided: string;
  /** What is told beside it: summary and coverage. */
  readonly described: string;
}

/** As much of a verdict as another one is compared with; digests of its texts do as well as the texts. */
export interface VerdictMark extends VerdictTexts {
  readonly terms: VerdictTerms;
}

export function textsOf(verdict: Verdict): VerdictTexts {
  const { status, rules, reasons, suppressed, blockers, summary, coverage } = verdict;
  return {
    decided: JSON.stringify([status, rules, reasons, suppressed, blockers]),
    described: JSON.stringify([summary, coverage]),
  };
}

/** What `textsOf` has taken apart; the texts never come from outside the program. */
export function verdictOf(policy: string, terms: VerdictTerms, texts: VerdictTexts): Verdict {
  const [status, rules, reasons, suppressed, blockers] = JSON.parse(texts.decided) as [
    FinalStatus,
    Verdict['rules'],
    Verdict['reasons'],
    Verdict['suppressed'],
    Verdict['blockers'],
  ];
  const [summary, coverage] = JSON.parse(texts.described) as [VerdictSummary, Verdict['coverage']];
  const { policyRevision, advisoriesRevision, scanner, evaluatedAt, validUntil, next } = terms;
  return {
    status,
    policy,
    policyRevision,
    advisoriesRevision,
    scanner,
    rules,
    reasons,
    summary,
    coverage,
    suppressed,
    blockers,
    evaluatedAt,
    validUntil,
    next,
  };
}

/**
 * How a verdict differs from the one before it, by the same policy. `changed`: its status, or what decides; `renewed`:
 * the same for another time or by another revision; `same`: nothing but the time at which it was made.
 */
export type Compared = 'same' | 'renewed' | 'changed';

/** The one definition: of texts, or of digests of both. */
export function compareMarks(before: VerdictMark, after: VerdictMark): Compared {
  if (before.decided !== after.decided) return 'changed';
  if (before.described !== after.described) return 'renewed';
  return termsText(before.terms) === termsText(after.terms) ? 'same' : 'renewed';
}

export function compareVerdicts(before: Verdict, after: Verdict): Compared {
  const mark = (verdict: Verdict): VerdictMark => ({ terms: verdict, ...textsOf(verdict) });
  return compareMarks(mark(before), mark(after));
}

/** But for the time at which it was made. */
function termsText({ policyRevision, advisoriesRevision, scanner, validUntil, next }: VerdictTerms): string {
  const then = next === null ? null : [next.at, next.status];
  return JSON.stringify([policyRevision, advisoriesRevision, scanner, validUntil, then]);
}
