import { expect, it } from '@jest/globals';
import { Places } from './places.ts';

it('gives one who asks half of the places, and all of them together no more than there are', () => {
  const places = new Places(4);
  const entered = (who: string): boolean => places.enter(who);
  expect(['a', 'a', 'a', 'b', 'c', 'c', 'd'].map(entered)).toEqual([
    true,
    true,
    false,
    true,
    true,
    false,
    false,
  ]);
  places.leave('a');
  expect(['c', 'a', 'd'].map(entered)).toEqual([true, false, false]);
});
