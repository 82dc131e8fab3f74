import type { FinalStatus, Verdict } from '../core/verdict.ts';
import { isoTime } from './time.ts';

/** The end of ECMAScript's time (ECMA-262, section 21.4.1.1), in milliseconds since 1970. */
const lastInstant = 8.64e15;
const ranks: Record<FinalStatus, number> = { pass: 0, warn: 1, error: 2, fail: 3 };
const worstFirst = ['fail', 'error', 'warn'] as const;
type Worse = (typeof worstFirst)[number];

/**
 * What time alone will make of a verdict. Up to the horizon it can only get worse: exceptions and graces end, ages are
 * reached. So the first instant of each status is all that has to be kept, and nothing is judged twice.
 */
export class Timeline {
  readonly at: number;
  readonly #first: Record<Worse, number> = {
    fail: Number.POSITIVE_INFINITY,
    error: Number.POSITIVE_INFINITY,
    warn: Number.POSITIVE_INFINITY,
  };
  #change = Number.POSITIVE_INFINITY;
  #horizon = Number.POSITIVE_INFINITY;

  /** @param at milliseconds since 1970, as all times here */
  constructor(at: number) {
    this.at = at;
  }

  /** From then on something leads to this status, and the verdict says so. */
  becomes(status: Worse, instant: number): void {
    if (instant > this.at && instant < this.#first[status]) this.#first[status] = instant;
    this.changes(instant);
  }

  /** The verdict has other words then. */
  changes(instant: number): void {
    if (instant > this.at && instant < this.#change) this.#change = instant;
  }

  /** Nothing is foretold from then on. */
  endsAt(instant: number): void {
    if (instant > this.at && instant < this.#horizon) this.#horizon = instant;
  }

  future(status: FinalStatus): Pick<Verdict, 'validUntil' | 'next'> {
    const end = Math.min(this.#change, this.#horizon);
    return { validUntil: end <= lastInstant ? isoTime(end) : null, next: this.#next(status) };
  }

  #next(status: FinalStatus): Verdict['next'] {
    const worse = worstFirst.filter((one) => ranks[one] > ranks[status]);
    const instant = Math.min(...worse.map((one) => this.#first[one]));
    if (instant > lastInstant || instant >= this.#horizon) return null;
    const then = worse.find((one) => this.#first[one] <= instant);
    return then === undefined ? null : { at: isoTime(instant), status: then };
  }
}
