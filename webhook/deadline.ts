import { within } from '../core/within.ts';

/** The word for a wait that the deadline ended. */
export const late = Symbol('late');

/** An instant by which an answer must be out; `now` in milliseconds. */
export class Deadline {
  readonly #end: number;
  readonly #now: () => number;

  constructor(milliseconds: number, now: () => number) {
    this.#now = now;
    this.#end = now() + milliseconds;
  }

  /** Milliseconds; never below 0. */
  get left(): number {
    return Math.max(0, this.#end - this.#now());
  }

  /** The promise's outcome, or `late`. A rejection that comes later still is dropped: nobody waits for it. */
  race<T>(promise: Promise<T>): Promise<T | typeof late> {
    return within(promise, this.left, () => late);
  }
}

/** Works on items in order, at most `width` at a time. */
export async function mapBounded<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
