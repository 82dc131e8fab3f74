import type { Scratch } from '../scratch.ts';
import { format, table } from '../table.ts';

/** How much is measured. */
export interface Sizes {
  readonly rounds: number;
  /** Per measurement. */
  readonly seconds: number;
  /** Of the warm blob. */
  readonly blobBytes: number;
  /** Of each of the cold image's ten layers. */
  readonly layerBytes: number;
  /** Of the upstream's line, per second. */
  readonly lineBytes: number;
  /** Of the blobs that 64 pull at once. */
  readonly memoryBytes: number;
  readonly clients: number;
}

/** Everything as the numbers ask for it. */
export const full: Sizes = {
  rounds: 3,
  seconds: 3,
  blobBytes: 128 * 1024 ** 2,
  layerBytes: 100 * 1024 ** 2,
  lineBytes: 50_000_000,
  memoryBytes: 1024 ** 3,
  clients: 50,
};

/** To see that all of it runs: what it prints means little. */
export const quick: Sizes = {
  rounds: 1,
  seconds: 1,
  blobBytes: 16 * 1024 ** 2,
  layerBytes: 4 * 1024 ** 2,
  lineBytes: 20_000_000,
  memoryBytes: 64 * 1024 ** 2,
  clients: 10,
};

/** A number that has to be kept. */
export interface Kept {
  readonly what: string;
  readonly value: number;
  readonly bound: { readonly atLeast: number } | { readonly atMost: number };
}

export interface Outcome {
  /** Markdown: what was measured. */
  readonly text: string;
  readonly kept: readonly Kept[];
}

export interface Row {
  readonly name: string;
  readonly measure: (scratch: Scratch, sizes: Sizes) => Promise<Outcome>;
}

export function isKept({ value, bound }: Kept): boolean {
  return 'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost;
}

export function keptTable(kept: readonly Kept[]): string {
  return table(
    ['', 'measured', 'asked for', 'kept'],
    kept.map((one) => [
      one.what,
      format(one.value),
      'atLeast' in one.bound ? `at least ${one.bound.atLeast}` : `at most ${one.bound.atMost}`,
      isKept(one) ? 'yes' : '**no**',
    ]),
  );
}
