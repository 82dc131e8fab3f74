import { allows } from '../../core/verdict.ts';
import type { Said } from './said.ts';

/** What stands of an image that runs somewhere. */
export interface Standing {
  readonly said: Said;
  /** Milliseconds since 1970: when it was said. */
  readonly at: number;
  /** null: it is not known to be bad. */
  readonly bad: Bad | null;
}

export interface Bad {
  /** ISO 8601. */
  readonly since: string;
  /** It was let in before, and went bad while it ran; false: it was bad already, or nobody knows. */
  readonly wentBad: boolean;
}

/** Milliseconds: people are told of what went bad so lately while nobody looked, a restart perhaps. */
const lately = 3_600_000;

/**
 * What stands, from what stood and what is said now. Pure. What nobody can judge at the moment stays what it was: an
 * upstream that is away makes nothing good, and nothing bad.
 * @param at milliseconds since 1970
 * @param startedAt of its oldest Pod, as `at`; null: nobody knows
 */
export function stand(before: Standing | null, said: Said, at: number, startedAt: number | null): Standing {
  if (!said.known) return { said, at, bad: before?.bad ?? null };
  if (allows(said.status)) return { said, at, bad: null };
  if (before !== null && before.bad !== null) return { said, at, bad: before.bad };
  const seen = before?.said.known === true ? before.at : null;
  const since = badSince(said.since, seen, at);
  const wentBad = seen !== null || (said.since !== null && startedAt !== null && startedAt < since);
  return { said, at, bad: { since: new Date(since).toISOString(), wentBad } };
}

/**
 * When it went bad, milliseconds since 1970: when its verdict did, but not before it was last seen to be good: a policy may
 * have held there only since.
 */
function badSince(verdict: string | null, seen: number | null, at: number): number {
  const told = verdict === null ? Number.NaN : Date.parse(verdict);
  if (Number.isNaN(told) || told > at) return at;
  return seen !== null && told < seen ? at : told;
}

/** Whether people are to be told that it went bad while it ran. Pure. */
export function hasGoneBad(before: Standing | null, after: Standing): boolean {
  if (after.bad === null || !after.bad.wentBad || (before !== null && before.bad !== null)) return false;
  return before?.said.known === true || after.at - Date.parse(after.bad.since) <= lately;
}
