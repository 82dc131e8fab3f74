import { memoryUsage } from 'node:process';
import { Random } from '../support/random.ts';
import { Corpus } from './corpus.ts';
import { mutate } from './mutate.ts';
import type { Input, Target } from './target.ts';

export interface Bounds {
  readonly seed: number;
  readonly inputs: number;
  /** Milliseconds; the loop ends with whichever bound comes first. */
  readonly time: number;
}

export interface Fuzzed {
  readonly inputs: number;
  readonly behaviours: number;
  /** Milliseconds that the slowest input took, processor shared with others. */
  readonly slowest: number;
  /** Bytes in buffers and in the heap at most, as far as it was looked at. */
  readonly peak: number;
}

/** Inputs between two looks at the memory. */
const looks = 64;
/** Bytes that a parser may hold more than the loop did when it began: no input is longer than 256 KiB. */
export const mostMemory = 512 * 1024 ** 2;

/**
 * Gives a parser one varied input after the other.
 * @param before called with each input before it is run, so that one that hangs or kills the process is known
 * @throws whatever the parser throws that it should not
 */
export async function fuzz(
  target: Target,
  { seed, inputs, time }: Bounds,
  before: (input: Input, count: number) => void,
): Promise<Fuzzed> {
  const random = new Random(seed);
  const seeds = target.seeds();
  const corpus = new Corpus(seeds);
  const started = performance.now();
  const heldAtFirst = held();
  let slowest = 0;
  let peak = 0;
  let count = 0;
  for (; count < inputs; count += 1) {
    const from = performance.now();
    if (from - started > time) break;
    const input = seeds[count] ?? varied(target, corpus, random);
    before(input, count);
    const told = target.run(input);
    corpus.took(input, typeof told === 'string' ? told : await told, random);
    slowest = Math.max(slowest, performance.now() - from);
    if (count % looks === 0) {
      const now = held() - heldAtFirst;
      peak = Math.max(peak, now);
      if (now > mostMemory) throw new Error(`${Math.round(now / 1024 ** 2)} MiB are held`);
    }
  }
  return { inputs: count, behaviours: corpus.behaviours, slowest, peak };
}

function varied(target: Target, corpus: Corpus, random: Random): Input {
  const one = corpus.pick(random);
  const other = corpus.pick(random);
  const bytes = mutate(one.bytes, random, other.bytes, target.words ?? []);
  return { path: random.chance(0.1) ? other.path : one.path, bytes };
}

function held(): number {
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external;
}
