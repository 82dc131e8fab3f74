/**
 * What became of a request for a tag. `fresh`: answered from memory within its time. `unchanged`, `moved`, `missing`,
 * `error`: the upstream was asked. `stale`: answered with what the upstream had said before. `negative-hit`: answered
 * with its "no" of before.
 */
export const tagOutcomes = [
  'fresh',
  'unchanged',
  'moved',
  'missing',
  'stale',
  'negative-hit',
  'error',
] as const;
export type TagOutcome = (typeof tagOutcomes)[number];

/** By upstream. Plain numbers: counting must cost the hot path nothing. */
export class TagCounts {
  readonly #counts = new Map<string, Record<TagOutcome, number>>();

  add(upstream: string, outcome: TagOutcome): void {
    let counts = this.#counts.get(upstream);
    if (counts === undefined) {
      counts = { fresh: 0, unchanged: 0, moved: 0, missing: 0, stale: 0, 'negative-hit': 0, error: 0 };
      this.#counts.set(upstream, counts);
    }
    counts[outcome] += 1;
  }

  get all(): ReadonlyMap<string, Readonly<Record<TagOutcome, number>>> {
    return this.#counts;
  }
}
