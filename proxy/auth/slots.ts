/** Work of which only so much runs at once; the rest waits in order. */
export interface Slots {
  /** Whether as many wait as may. */
  readonly full: boolean;
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function createSlots(atOnce: number, mostWaiting: number): Slots {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    get full() {
      return running >= atOnce && waiting.length >= mostWaiting;
    },
    async run(work) {
      // Whoever ends hands the place on, so that nobody slips in between.
      if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
      else running += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
