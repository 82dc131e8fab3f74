import type { Outcome } from '../registry/row.ts';
import type { Scratch } from '../scratch.ts';

/** How much is measured. */
export interface Sizes {
  readonly rounds: number;
  /** Per measurement. */
  readonly seconds: number;
  /** Reviews before the first one, of each server. */
  readonly warmUp: number;
  /** Reviews that come at a steady pace, per second. */
  readonly pace: number;
}

/** Everything as the numbers ask for it. */
export const full: Sizes = { rounds: 5, seconds: 4, warmUp: 30_000, pace: 500 };

/** To see that all of it runs: what it prints means little. */
export const quick: Sizes = { rounds: 1, seconds: 1, warmUp: 5000, pace: 500 };

export interface Row {
  readonly name: string;
  /** @param scratch one for all rows of a run */
  readonly measure: (scratch: Scratch, sizes: Sizes) => Promise<Outcome>;
}
