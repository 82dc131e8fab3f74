import { afterEach, expect, jest, test } from '@jest/globals';
import { silentLogger } from '../core/ports/logger.ts';
import { Loop } from './loop.ts';

afterEach(() => {
  jest.useRealTimers();
});

function looping(step: () => Promise<number | null>) {
  jest.useFakeTimers();
  let steps = 0;
  const errors: string[] = [];
  const loop = new Loop({
    step: () => {
      steps += 1;
      return step();
    },
    longestSleep: 1000,
    name: 'test',
    logger: { ...silentLogger, error: (_, text) => void errors.push(text) },
  });
  loop.start();
  return {
    loop,
    errors,
    stepsAfter: async (wait: number) => jest.advanceTimersByTimeAsync(wait).then(() => steps),
  };
}

test('a step that has nothing to do comes again after the longest sleep', async () => {
  const { loop, stepsAfter } = looping(() => Promise.resolve(3_600_000));
  expect(await stepsAfter(999)).toBe(1);
  expect(await stepsAfter(1)).toBe(2);
  await loop.close();
});

test('one that fails is told once and comes again after five seconds, or when it is poked', async () => {
  const { loop, errors, stepsAfter } = looping(() => Promise.reject(new Error('the disk is full')));
  expect(await stepsAfter(4999)).toBe(1);
  expect(await stepsAfter(1)).toBe(2);
  loop.poke();
  expect(await stepsAfter(0)).toBe(3);
  expect(errors).toEqual(['events stand still: the state fails']);
  await loop.close();
});
