/** Numbers that one measurement gives, by name: `req/s`, `p99 ms`, `MB/s`, `s`. */
export type Sample = Readonly<Record<string, number>>;

export interface Contestant {
  readonly name: string;
  readonly measure: () => Promise<Sample>;
}

export type Samples = ReadonlyMap<string, readonly Sample[]>;

/**
 * Measures A B C, A B C, … so that what else the machine does meets all alike. The first round only warms up
 * and is thrown away, unless `warmUp` is false.
 */
export async function inTurns(
  contestants: readonly Contestant[],
  rounds: number,
  options: { readonly warmUp?: boolean } = {},
): Promise<Samples> {
  const samples = new Map<string, Sample[]>(contestants.map(({ name }) => [name, []]));
  for (let round = options.warmUp === false ? 1 : 0; round <= rounds; round += 1) {
    for (const { name, measure } of contestants) {
      const sample = await measure();
      if (round > 0) samples.get(name)?.push(sample);
    }
  }
  return samples;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function medianOf(samples: Samples, name: string, unit: string): number {
  return median(valuesOf(samples, name, unit));
}

/** Median of the rounds' own ratios: neighbours in time are compared, not the two medians. */
export function ratio(samples: Samples, name: string, to: string, unit: string): number {
  const others = valuesOf(samples, to, unit);
  return median(valuesOf(samples, name, unit).map((value, round) => value / (others[round] ?? Number.NaN)));
}

function valuesOf(samples: Samples, name: string, unit: string): number[] {
  return (samples.get(name) ?? []).map((sample) => sample[unit] ?? Number.NaN);
}
