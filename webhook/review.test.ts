import { describe, expect, it } from '@jest/globals';
import { timeToDecide } from './review.ts';

describe('the time for a decision', () => {
  it.each([
    [null, 9000],
    ['1s', 500],
    ['5s', 4500],
    ['10s', 9000],
    ['30s', 27_000],
    ['99s', 27_000],
    ['0s', 9000],
    ['-5s', 9000],
    ['1e3s', 9000],
    ['10', 9000],
    ['', 9000],
  ])('timeout=%s leaves %d ms', (timeout, milliseconds) => {
    expect(timeToDecide(timeout)).toBe(milliseconds);
  });
});
