import type { Kept } from '../registry/row.ts';
import type { Scratch } from '../scratch.ts';

/** How much is measured. */
export interface Sizes {
  readonly rounds: number;
  /** Part of the large image's 4 GB and 100,000 files. */
  readonly scale: number;
  /** Of the upstream's line, bytes per second. */
  readonly lineBytes: number;
  /** Of a Debian that is made up, where no real one can be had. */
  readonly debianBytes: number;
}

/** Everything as the numbers ask for it. */
export const full: Sizes = { rounds: 3, scale: 1, lineBytes: 50_000_000, debianBytes: 206_000_000 };

/** To see that all of it runs: what it prints means little. */
export const quick: Sizes = { rounds: 1, scale: 0.05, lineBytes: 50_000_000, debianBytes: 20_000_000 };

export interface Places {
  /** Removed at the end. */
  readonly scratch: Scratch;
  /** Where images are made; kept if the command line names it. */
  readonly images: string;
}

export interface Outcome {
  /** Markdown: what was measured. */
  readonly text: string;
  readonly kept: readonly Kept[];
  /** What could not be measured, and what it needs. */
  readonly missing: readonly string[];
}

export interface Row {
  readonly name: string;
  readonly measure: (places: Places, sizes: Sizes) => Promise<Outcome>;
}
