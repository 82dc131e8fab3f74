import type { MatchResult } from '../core/finding.ts';
import type { InventoryView } from '../core/inventory.ts';
import type { FinalStatus, Verdict } from '../core/verdict.ts';
import { type Content, describe } from './content.ts';
import { type Case, judge, openCase } from './judgement.ts';
import type { Policy } from './policy.ts';
import { staleAt } from './requirements.ts';
import { isoTime } from './time.ts';

/** The end of ECMAScript's time (ECMA-262, section 21.4.1.1), in milliseconds since 1970. */
const lastInstant = 8.64e15;

export interface Evaluation {
  readonly policy: Policy;
  readonly inventory: InventoryView;
  readonly match: MatchResult;
  /** Canonical names of every repository the digest is known from; exceptions with a pattern look at them. */
  readonly image: readonly string[];
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
export function evaluate({ policy, inventory, match, image, scanner, at }: Evaluation): Verdict {
  const opened = openCase(policy, inventory, match, image);
  const content = describe(judge(opened, at), policy);
  return {
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
    ...future(opened, content, at),
  };
}

/** Judges again at every instant at which something ends, in order, until the status changes. */
function future(opened: Case, now: Content, at: number): Pick<Verdict, 'validUntil' | 'next'> {
  const before = JSON.stringify(now);
  let validUntil: string | null = null;
  for (const instant of instantsAfter(opened, at)) {
    const then = judge(opened, instant);
    if (validUntil === null && JSON.stringify(describe(then, opened.policy)) !== before) {
      validUntil = isoTime(instant);
    }
    if (then.status !== now.status)
      return { validUntil, next: { at: isoTime(instant), status: then.status } };
  }
  return { validUntil, next: null };
}

function instantsAfter({ policy, inventory, match, subjects }: Case, at: number): readonly number[] {
  const instants = new Set<number>();
  for (const { exception } of subjects) if (exception !== null) instants.add(exception.endsAt);
  const stale = staleAt(policy, inventory, match);
  if (stale !== null) instants.add(stale);
  return [...instants].filter((instant) => instant > at && instant <= lastInstant).sort((a, b) => a - b);
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
