import type { Logger } from '../core/ports/logger.ts';
import type { Delivery } from './delivery.ts';

/** Milliseconds between looks at the outbox and at the clock: another process may have put messages back. */
const longestSleep = 2000;
/** Milliseconds after which a request that is under way at the end is cut off. */
const graceAtEnd = 3000;
/** Milliseconds after the outbox has failed. */
const afterFailure = 5000;

/** Repeats the steps of one receiver until it is closed. */
export class DeliveryLoop {
  readonly #delivery: Pick<Delivery, 'step'>;
  readonly #logger: Logger;
  readonly #abort = new AbortController();
  #closed = false;
  #poked = false;
  #wake = (): void => undefined;
  #running: Promise<void> | null = null;

  constructor(delivery: Pick<Delivery, 'step'>, logger: Logger) {
    this.#delivery = delivery;
    this.#logger = logger;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Something waits. */
  poke(): void {
    this.#poked = true;
    this.#wake();
  }

  /** Waits for an attempt that is under way, three seconds at most; what was not delivered stays in the outbox. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    const timer = setTimeout(() => this.#abort.abort(), graceAtEnd);
    await this.#running;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const wait = await this.#step();
      if (wait > 0) await this.#sleep(Math.min(wait, longestSleep));
    }
  }

  async #step(): Promise<number> {
    this.#poked = false;
    try {
      return (await this.#delivery.step(this.#abort.signal)) ?? longestSleep;
    } catch (error) {
      this.#logger.error({ err: error }, 'the outbox of events fails');
      return afterFailure;
    }
  }

  #sleep(milliseconds: number): Promise<void> {
    if (this.#closed || this.#poked) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
