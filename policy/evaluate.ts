import type { Digest } from '../core/digest.ts';
import type { MatchResult } from '../core/finding.ts';
import type { InventoryView } from '../core/inventory.ts';
import type { FinalStatus, Verdict } from '../core/verdict.ts';
import type { AttachedVex } from '../core/vex.ts';
import { describe } from './content.ts';
import { groundOf } from './ground.ts';
import { judge } from './judgement.ts';
import type { Policy } from './policy.ts';
import { isoTime } from './time.ts';
import { Timeline } from './timeline.ts';
import { wordsOn } from './vex/words.ts';

export interface Evaluation {
  readonly policy: Policy;
  readonly inventory: InventoryView;
  readonly match: MatchResult;
  /** Canonical names of every repository the digest is known from; exceptions with a pattern look at them. */
  readonly image: readonly string[];
  /** Of the manifest; left out or null: not known, and no VEX about its digest holds. */
  readonly digest?: Digest | null;
  /** What repositories have attached to it, as it is recorded; left out: nothing. */
  readonly attached?: readonly AttachedVex[];
  readonly scanner: string;
  /** When the image was analysed, ISO 8601; null: not known. */
  readonly scannedAt: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * What a policy says of an image at an instant, and what time alone will make of it. Pure.
 * `fail` outweighs `error`, which outweighs `warn`.
 */
export function evaluate(evaluation: Evaluation): Verdict {
  const { policy, inventory, match, scanner, scannedAt, at } = evaluation;
  const timeline = new Timeline(at);
  const ended = match.provenance === undefined ? null : Date.parse(match.provenance.validUntil);
  if (ended !== null) timeline.endsAt(ended);
  const words = wordsOn(policy, evaluation);
  const judgement = judge(
    policy,
    groundOf(inventory, match, scannedAt, at),
    evaluation.image,
    timeline,
    words,
  );
  const content = describe(judgement, policy, at);
  const verdict: Verdict = {
    status: content.status,
    policy: policy.name,
    policyRevision: policy.revision,
    advisoriesRevision: match.advisories.revision,
    scanner,
    rules: content.rules,
    reasons: content.reasons,
    summary: content.summary,
    coverage: match.coverage,
    suppressed: content.suppressed,
    blockers: content.blockers,
    evaluatedAt: isoTime(at),
    ...timeline.future(content.status),
  };
  return ended !== null && !(at < ended) ? overtaken(verdict, match.provenance) : verdict;
}

/** What another scanner has said counts for a time. Whoever judges by it afterwards clears nothing. */
function overtaken(verdict: Verdict, provenance: MatchResult['provenance']): Verdict {
  const { scanner, validUntil } = provenance ?? { scanner: { name: 'another scanner' }, validUntil: '' };
  return {
    ...verdict,
    status: 'error',
    reasons: [
      `what ${scanner.name} has found counted until ${validUntil}: the image has to be scanned again`,
      ...verdict.reasons,
    ],
    blockers: { complete: false, list: [] },
    validUntil: verdict.evaluatedAt,
    next: null,
  };
}

/**
 * What a holder of nothing but the verdict may say at `at` (milliseconds since 1970). `pending` where it would
 * have to be judged again: past `validUntil` with nothing known of what follows, and from `next.at` on where the
 * next status allows, because how long that one lasts is not in the verdict.
 */
export function statusAt(
  verdict: Pick<Verdict, 'status' | 'validUntil' | 'next'>,
  at: number,
): FinalStatus | 'pending' {
  const { status, validUntil, next } = verdict;
  if (next !== null) {
    const change = Date.parse(next.at);
    if (at < change) return status;
    return Number.isNaN(change) || next.status === 'pass' || next.status === 'warn' ? 'pending' : next.status;
  }
  if (validUntil === null) return status;
  return at < Date.parse(validUntil) ? status : 'pending';
}
