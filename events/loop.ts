import type { Logger } from '../core/ports/logger.ts';

/** Milliseconds after which what is under way at the end is cut off. */
const graceAtEnd = 3000;
/** Milliseconds after a step that has failed, where nobody pokes. */
const afterFailure = 5000;

export interface LoopOptions {
  /** One step; milliseconds until the next one. */
  readonly step: (signal: AbortSignal) => Promise<number | null>;
  /** Milliseconds between looks at the outbox and at the clock, and where a step has nothing to wait for. */
  readonly longestSleep: number;
  readonly name: string;
  readonly logger: Logger;
}

/** Repeats a step until it is closed. A step that throws is told once, and repeated. */
export class Loop {
  readonly #options: LoopOptions;
  readonly #abort = new AbortController();
  #closed = false;
  #poked = false;
  #failing = false;
  #wake = (): void => undefined;
  #running: Promise<void> | null = null;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** There is something to do. */
  poke(): void {
    this.#poked = true;
    this.#wake();
  }

  /** Waits for a step that is under way; after three seconds its signal is aborted. */
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
      if (wait > 0) await this.#sleep(wait);
    }
  }

  async #step(): Promise<number> {
    const { step, longestSleep, name, logger } = this.#options;
    this.#poked = false;
    try {
      const wait = Math.min((await step(this.#abort.signal)) ?? longestSleep, longestSleep);
      if (this.#failing) logger.info({ loop: name }, 'events go on');
      this.#failing = false;
      return wait;
    } catch (error) {
      if (!this.#failing) logger.error({ err: error, loop: name }, 'events stand still: the state fails');
      this.#failing = true;
      return afterFailure;
    }
  }

  #sleep(milliseconds: number): Promise<void> {
    if (this.#closed || (this.#poked && !this.#failing)) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
