import { describe, expect, it } from '@jest/globals';
import { Random } from '../support/random.ts';
import { fuzz } from './fuzz-loop.ts';
import { LastInput } from './last-input.ts';
import { longestInput, mutate } from './mutate.ts';
import type { Target } from './target.ts';
import { targets } from './targets/index.ts';

const bounds = { seed: 7, inputs: 3000, time: 60_000 };
const input = (text: string): { path: string; bytes: Buffer } => ({ path: 'a', bytes: Buffer.from(text) });

describe('the fuzzer', () => {
  it('finds an error that only a changed input brings about, and tells the input', async () => {
    const last = new LastInput(LastInput.allocate());
    const fragile: Target = {
      name: 'fragile',
      seeds: () => [input('{"version":1}')],
      words: ['boom'],
      run: ({ bytes }) => {
        if (bytes.includes('boom')) throw new Error('it broke');
        return '';
      },
    };
    await expect(fuzz(fragile, bounds, (one, count) => last.put(one, count))).rejects.toThrow('it broke');
    expect(last.input.bytes.toString()).toContain('boom');
    expect(last.input.path).toBe('a');
  });

  it('goes on from what did something new', async () => {
    // Three letters in a row, each of which alone is known by what it makes the parser do.
    let best = 0;
    const stepwise: Target = {
      name: 'stepwise',
      seeds: () => [input('....................')],
      words: ['x', 'y', 'z'],
      run: ({ bytes }) => {
        const text = bytes.toString('latin1');
        const step = text.includes('xyz') ? 3 : text.includes('xy') ? 2 : text.includes('x') ? 1 : 0;
        best = Math.max(best, step);
        return String(step);
      },
    };
    const { behaviours, inputs } = await fuzz(stepwise, { ...bounds, inputs: 20_000 }, () => undefined);
    expect([best, behaviours, inputs]).toEqual([3, 4, 20_000]);
  });

  it('finds what holds memory', async () => {
    const kept: Buffer[] = [];
    const greedy: Target = {
      name: 'greedy',
      seeds: () => [input('a')],
      run: () => {
        kept.push(Buffer.alloc(8 * 1024 ** 2));
        return '';
      },
    };
    await expect(fuzz(greedy, bounds, () => undefined)).rejects.toThrow(/MiB are held/);
  });

  it('makes the same inputs of the same seed, none too long, and different ones of another', () => {
    const made = (seed: number): string[] => {
      const random = new Random(seed);
      const bytes = Buffer.from('name=1\n'.repeat(50));
      return Array.from({ length: 300 }, () => mutate(bytes, random, bytes, ['x']).toString('latin1'));
    };
    expect(made(1)).toEqual(made(1));
    expect(made(1)).not.toEqual(made(2));
    expect(Math.max(...made(3).map(({ length }) => length))).toBeLessThanOrEqual(longestInput);
  });
});

describe.each(targets.map((target) => [target.name, target] as const))('target %s', (_, target) => {
  it('has seeds, and holds for a few hundred inputs', async () => {
    expect(target.seeds().length).toBeGreaterThan(0);
    const { inputs, behaviours } = await fuzz(target, { ...bounds, inputs: 300 }, () => undefined);
    expect(inputs).toBe(300);
    expect(behaviours).toBeGreaterThan(1);
  });
});
