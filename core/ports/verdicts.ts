import type { Cause, Change, NewChange, VerdictChange } from '../change.ts';
import type { Digest } from '../digest.ts';
import type { PackageMatches } from '../match.ts';
import type { FinalStatus, Verdict, VerdictMark } from '../verdict.ts';

/** A verdict that was just made. */
export interface JudgedEntry {
  readonly digest: Digest;
  /** `verdict.policy` names the policy. */
  readonly verdict: Verdict;
  readonly cause: Cause;
}

/**
 * A verdict that was compared with what stood before, ready to be written: made by who judges many images again and
 * has read the records by himself. One that says the same as before is not among them.
 */
export interface EvaluatedEntry {
  readonly digest: Digest;
  readonly policy: string;
  readonly status: FinalStatus;
  /** What the next one is compared with; texts as digests. */
  readonly mark: VerdictMark;
  /** When time overtakes it, as `Date.toISOString` writes it; null: never. */
  readonly dueAt: string | null;
  /** What it says beside its terms; null: what is written already. */
  readonly text: string | null;
  /** Version of the row that it was compared with; null: there was none. Where there is another by then, it is not written. */
  readonly before: number | null;
  /** What the change stream is told; null: a renewal. */
  readonly change: Pick<VerdictChange, 'from' | 'cause' | 'reasons' | 'newlyDenying'> | null;
}

/** What was not written, because somebody else has judged the image in between. */
export interface PutEvaluated {
  readonly written: number;
  readonly overtaken: readonly Digest[];
}

/**
 * What was found in the inventory that was recorded at `scannedAt`. Where there is another by then, or all that is
 * recorded is right for another revision, it is not kept.
 */
export interface EvaluatedMatch {
  readonly digest: Digest;
  readonly scannedAt: string;
  readonly found: PackageMatches;
}

/** The way in for many verdicts at once. */
export interface EvaluatedVerdicts {
  /** @param batch what `packEvaluated` (db/) has packed. One transaction, durable when it resolves. @param at ISO 8601 */
  putEvaluated(batch: Uint8Array, at: string): Promise<PutEvaluated>;
}

/** What stands of one image by one policy. */
export interface StandingVerdict {
  readonly digest: Digest;
  readonly policy: string;
  readonly verdict: Verdict;
  /** Canonical names of the repositories that hold it. */
  readonly images: readonly string[];
  /** Since when its status is what it is, ISO 8601. */
  readonly since: string;
}

export interface HistoryAsked {
  /** null: of all images. */
  readonly digest: Digest | null;
  /** null: of all policies. */
  readonly policy: string | null;
  /** ISO 8601, inclusive; null: from the beginning. */
  readonly from: string | null;
  readonly limit: number;
}

/**
 * One standing verdict per image and policy, and everything that ever changed. Whatever is put is durable, with its
 * change, when the call resolves.
 */
export interface VerdictStore {
  getVerdict(digest: Digest, policy: string): Promise<Verdict | null>;
  /**
   * Replaces what stands, and tells the change stream: a `verdict` change where the status or what decides is another,
   * a `renewal` where only its time or its revisions are, nothing where it says the same. One transaction.
   */
  putVerdicts(entries: readonly JudgedEntry[], at: string): Promise<void>;
  /** What stands of an image, by every policy that was asked. */
  verdictsOf(digest: Digest): Promise<readonly StandingVerdict[]>;
  /** The worst first: refused, then by the newest change. */
  listVerdicts(limit: number): Promise<readonly StandingVerdict[]>;
  /** All, in the order of digest and policy, after a key (exclusive; null: from the first). */
  pageVerdicts(
    after: { readonly digest: Digest; readonly policy: string } | null,
    limit: number,
  ): Promise<readonly StandingVerdict[]>;
  /** Images with a verdict that time has overtaken (`validUntil` or `next.at` is not after `at`), the longest first. */
  dueVerdicts(at: string, limit: number): Promise<readonly Digest[]>;
  /** When the next verdict is overtaken by time, ISO 8601. */
  nextDue(): Promise<string | null>;
  /** Verdicts of policies that are no more are forgotten; their history stays. */
  keepPolicies(names: readonly string[]): Promise<void>;

  putChange(change: NewChange): Promise<void>;
  changesAfter(cursor: number, limit: number): Promise<readonly Change[]>;
  lastCursor(): Promise<number>;
  /** `verdict` changes, the oldest first. */
  history(asked: HistoryAsked): Promise<readonly Change[]>;
  /** How many images had which status at the end of each day (UTC), by one policy; from the history. */
  statusByDay(policy: string, from: string, to: string): Promise<readonly StatusDay[]>;
  /** Takes `verdict` changes before this out, but for the last of each image and policy. ISO 8601. */
  forgetChangesBefore(at: string): Promise<number>;

  /** Where a follower of the stream has got to; 0: nowhere yet. */
  followerCursor(follower: string): Promise<number>;
  putFollowerCursor(follower: string, cursor: number): Promise<void>;

  /** The sources of the policy that was last found to be good (JSON text), so that a restart has it; null: none yet. */
  goodPolicy(): Promise<string | null>;
  putGoodPolicy(sources: string): Promise<void>;
}

export interface StatusDay {
  /** `2026-11-24`. */
  readonly day: string;
  readonly counts: Readonly<Record<FinalStatus, number>>;
}
