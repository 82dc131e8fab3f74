import type { Explanation } from './compare.ts';

/** Every kind of difference that has been looked into. What none of these explains fails the run. */
export const explanations: readonly Explanation[] = [];
