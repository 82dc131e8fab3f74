import { expect, it } from '@jest/globals';
import { createBreaker } from './breaker.ts';

it('a place that fails rests, longer each time, and is then tried by one', () => {
  let now = 0;
  const breaker = createBreaker(() => now);
  const tries = (): readonly boolean[] => [breaker.mayTry(), breaker.mayTry()];
  expect(tries()).toEqual([true, true]);
  expect(breaker.failed(null)).toBe(15);
  now += 14_999;
  expect(tries()).toEqual([false, false]);
  now += 1;
  expect(tries()).toEqual([true, false]);
  expect(breaker.failed(null)).toBe(30);
  expect(breaker.failed(100)).toBe(100);
  for (let again = 0; again < 50; again += 1) breaker.failed(null);
  expect(breaker.failed(100_000)).toBe(300);
  // Whoever was to try it has not come back.
  now += 300_000;
  expect(tries()).toEqual([true, false]);
  now += 60_000;
  expect(tries()).toEqual([true, false]);
  breaker.succeeded();
  expect(tries()).toEqual([true, true]);
  expect(breaker.failed(null)).toBe(15);
});
