import { expect, it } from '@jest/globals';
import { imagesForGates } from './for-gates.ts';

it.each([
  [10_000, 10_000],
  [10_001, 0],
])('tells of %i repositories that hold an image %i', (held, told) => {
  expect(imagesForGates(Array.from({ length: held }, (_, index) => `corp/${index}`))).toHaveLength(told);
});
