import { beforeEach, describe, expect, it } from '@jest/globals';
import { isPratiqueError } from '../core/errors.ts';
import { type PullerLimits, Pullers } from './pullers.ts';

let now = 0;
const make = (limits: Partial<PullerLimits>, refused: string[] = []) =>
  new Pullers({
    limits: {
      concurrent: Number.POSITIVE_INFINITY,
      vettingsPerHour: Number.POSITIVE_INFINITY,
      bytesPerHour: Number.POSITIVE_INFINITY,
      ...limits,
    },
    now: () => now,
    onRefused: (limit) => refused.push(limit),
  });
/** Seconds to wait; 0: it may begin. */
const wait = (pullers: Pullers, puller: string, bytes = 1): number => {
  try {
    pullers.enter(puller, bytes);
    return 0;
  } catch (error) {
    if (isPratiqueError(error) && error.code === 'puller-limited') return Number(error.fields.retryAfter);
    throw error;
  }
};

describe('what one puller may set going', () => {
  beforeEach(() => {
    now = Date.UTC(2026, 10, 30);
  });
  it('is so many at once, whatever others do', () => {
    const refused: string[] = [];
    const pullers = make({ concurrent: 2 }, refused);
    const leave = pullers.enter('a', 1);
    expect([wait(pullers, 'a'), wait(pullers, 'a'), wait(pullers, 'b')]).toEqual([0, 5, 0]);
    leave('spent');
    leave('spent');
    expect([wait(pullers, 'a'), wait(pullers, 'a')]).toEqual([0, 5]);
    expect(refused).toEqual(['concurrent', 'concurrent']);
  });
  it('is so many in an hour, and comes back evenly', () => {
    const pullers = make({ vettingsPerHour: 60 });
    for (let begun = 0; begun < 60; begun += 1) expect(wait(pullers, 'a')).toBe(0);
    expect(wait(pullers, 'a')).toBe(60);
    now += 30_000;
    expect(wait(pullers, 'a')).toBe(30);
    now += 30_000;
    expect([wait(pullers, 'a'), wait(pullers, 'a')]).toEqual([0, 60]);
    now += 10 * 3_600_000;
    for (let begun = 0; begun < 60; begun += 1) expect(wait(pullers, 'a')).toBe(0);
    expect(wait(pullers, 'a')).toBe(60);
  });
  it('is so many bytes, of which one image may take more than there are', () => {
    const pullers = make({ bytesPerHour: 3600 });
    expect(wait(pullers, 'a', 7199)).toBe(0);
    expect(wait(pullers, 'a', 1)).toBe(3600);
    now += 3_600_000;
    expect(wait(pullers, 'a', 1)).toBe(0);
  });
  it('does not come back by a clock that is set back', () => {
    const pullers = make({ vettingsPerHour: 1 });
    expect(wait(pullers, 'a')).toBe(0);
    now -= 3_600_000;
    expect(wait(pullers, 'a')).toBe(3600);
  });
  it('is given back where nothing was fetched', () => {
    const pullers = make({ vettingsPerHour: 1 });
    pullers.enter('a', 1)('free');
    expect([wait(pullers, 'a'), wait(pullers, 'a')]).toEqual([0, 3600]);
  });
  it('is without a bound where there is none', () => {
    const pullers = make({});
    for (let begun = 0; begun < 10_000; begun += 1) pullers.enter('a', 1e15);
    expect(wait(pullers, 'a')).toBe(0);
  });
});
