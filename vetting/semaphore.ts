import { PratiqueError } from '../core/errors.ts';

/** At most `width` tasks at once and `depth` waiting; one more is refused by name. */
export function createSemaphore(width: number, depth: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;

  const enter = (): Promise<void> => {
    if (running < width) {
      running += 1;
      return Promise.resolve();
    }
    if (waiting.length >= depth) {
      return Promise.reject(
        new PratiqueError(
          'queue-full',
          `${depth} images are waiting to be inspected already: try again later`,
          {
            depth,
          },
        ),
      );
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };

  return async (task) => {
    await enter();
    try {
      return await task();
    } finally {
      leave();
    }
  };
}
