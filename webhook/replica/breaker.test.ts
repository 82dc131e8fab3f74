import { describe, expect, it } from '@jest/globals';
import { Breaker } from './breaker.ts';

describe('whether the proxy is asked', () => {
  /** Each step: f failed, s succeeded, r somebody else has heard of it, a number: milliseconds go by; then what `enter` says. */
  it.each<readonly [string, readonly (string | number)[], boolean, number]>([
    ['at first', [], true, 0],
    ['after two failures', ['f', 'f'], true, 0],
    ['after three in a row it is not', ['f', 'f', 'f'], false, 5],
    ['after three with a success between', ['f', 'f', 's', 'f'], true, 0],
    ['until the pause has gone by', ['f', 'f', 'f', 4_999], false, 1],
    ['once it has', ['f', 'f', 'f', 5_000], true, 0],
    ['by one alone then', ['f', 'f', 'f', 5_000, 'enter'], false, 0],
    ['for twice as long after another failure', ['f', 'f', 'f', 5_000, 'enter', 'f', 9_999], false, 1],
    ['for half a minute at most', [...'ffffffffffff', 29_999], false, 1],
    ['after that half minute again', [...'ffffffffffff', 30_000], true, 0],
    ['by all once it has answered', ['f', 'f', 'f', 5_000, 'enter', 's', 'enter'], true, 0],
    ['at once where it was heard of', ['f', 'f', 'f', 'r'], true, 0],
  ])('%s', (_what, steps, enters, seconds) => {
    let now = 1_000;
    const breaker = new Breaker(() => now);
    for (const step of steps) {
      if (typeof step === 'number') now += step;
      else if (step === 'f') breaker.failed();
      else if (step === 's') breaker.succeeded();
      else if (step === 'r') breaker.retry();
      else breaker.enter();
    }
    expect(breaker.secondsLeft).toBe(seconds);
    expect(breaker.enter()).toBe(enters);
  });
});
