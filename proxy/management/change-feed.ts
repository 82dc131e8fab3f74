import type { VerdictStore } from '../../core/ports/verdicts.ts';

interface Waiter {
  readonly after: number;
  readonly otherwise: () => boolean;
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

/** How often the log of changes is looked at while somebody waits, milliseconds: other processes write it too. */
const usualPace = 250;
const usualWaiters = 64;

/** Those who wait for the next change; one look at the log serves all of them. */
export class ChangeFeed {
  readonly #store: Pick<VerdictStore, 'lastCursor'>;
  readonly #pace: number;
  readonly #mostWaiters: number;
  readonly #waiters = new Set<Waiter>();
  #looking = false;

  constructor(
    store: Pick<VerdictStore, 'lastCursor'>,
    { pace = usualPace, mostWaiters = usualWaiters }: { pace?: number; mostWaiters?: number } = {},
  ) {
    this.#store = store;
    this.#pace = pace;
    this.#mostWaiters = mostWaiters;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  get full(): boolean {
    return this.#waiters.size >= this.#mostWaiters;
  }

  /**
   * Resolves when there is a change after the cursor, when `otherwise` says that there is something else to tell, when the
   * time has passed, or when `signal` says that nobody waits any more; rejects where the log cannot be read.
   */
  wait(
    after: number,
    milliseconds: number,
    signal: AbortSignal,
    otherwise: () => boolean = () => false,
  ): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#waiters.delete(waiter);
      };
      const wake = (): void => {
        end();
        resolve();
      };
      const fail = (error: unknown): void => {
        end();
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      const waiter: Waiter = { after, otherwise, wake, fail };
      const timer = setTimeout(wake, milliseconds);
      signal.addEventListener('abort', wake, { once: true });
      this.#waiters.add(waiter);
      if (this.#looking) return;
      this.#look().catch((error: unknown) => {
        for (const one of [...this.#waiters]) one.fail(error);
      });
    });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      while (this.#waiters.size > 0) {
        const last = await this.#store.lastCursor();
        for (const waiter of [...this.#waiters]) {
          if (last > waiter.after || waiter.otherwise()) waiter.wake();
        }
        if (this.#waiters.size > 0) await new Promise((resolve) => setTimeout(resolve, this.#pace));
      }
    } finally {
      this.#looking = false;
    }
  }
}
