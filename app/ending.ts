import type { Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from '../core/ports/logger.ts';
import type { Listen } from './config/config.ts';
import { listenOn } from './listen.ts';

/** Ends one part. */
type Closer = () => Promise<void> | void;

/** Milliseconds that open requests get: whoever still waits for a vetting after that asks again at the next instance. */
const usualGrace = 5000;
/** Milliseconds between two looks for connections whose last request was answered. */
const betweenLooks = 50;

/** Listeners, and all that stands behind them, with the order in which they end. */
export class Ending {
  readonly #delay: number;
  readonly #pause: (milliseconds: number) => Promise<void>;
  #draining = false;
  readonly #listeners: Closer[] = [];
  readonly #closers: Closer[] = [];
  readonly #logger: Logger;

  /** @param delay milliseconds for which everything is still answered after it was asked to end, while nobody new should come */
  constructor(
    logger: Logger,
    delay = 0,
    pause: (milliseconds: number) => Promise<void> = async (milliseconds) => {
      await setTimeout(milliseconds);
    },
  ) {
    this.#logger = logger;
    this.#delay = delay;
    this.#pause = pause;
  }

  /** Why no more requests should come; null: they may. */
  get problem(): string | null {
    return this.#draining ? 'it is stopping' : null;
  }

  /** Called at the end, before everything that was added earlier. */
  add(closer: Closer): void {
    this.#closers.push(closer);
  }

  /**
   * Starts listening; null where it is off.
   * @param grace milliseconds that requests get to be answered once it ends
   * @throws PratiqueError as `listenOn`
   */
  async open(
    server: Server | HttpsServer,
    where: Listen | null,
    setting: string,
    grace = usualGrace,
  ): Promise<Listen | null> {
    if (where === null) return null;
    // A client that keeps its connection would send its next request to a server that is gone.
    server.prependListener('request', (_request, response) => {
      if (this.#draining) response.shouldKeepAlive = false;
    });
    const at = await listenOn(server, where, setting);
    // Such as too many open files at an accept: it passes, and must not end the process.
    server.on('error', (error) => this.#logger.error({ err: error, setting }, 'a listener failed'));
    this.#listeners.push(async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // What is under way is answered, and its connection is idle then.
      const idle = setInterval(() => server.closeIdleConnections(), betweenLooks);
      const late = globalThis.setTimeout(() => server.closeAllConnections(), grace);
      await closed;
      clearInterval(idle);
      clearTimeout(late);
    });
    return at;
  }

  /**
   * Never rejects.
   * @param options `drain`: with the delay, as where others have to hear first that nothing new should be sent here
   */
  async close({ drain = false }: { readonly drain?: boolean } = {}): Promise<void> {
    this.#draining = true;
    if (drain && this.#delay > 0) await this.#attempt(() => this.#pause(this.#delay));
    // Nothing new comes in while what stands behind the listeners is taken apart.
    await Promise.all(this.#listeners.splice(0).map((closer) => this.#attempt(closer)));
    for (const closer of this.#closers.splice(0).reverse()) await this.#attempt(closer);
  }

  async #attempt(closer: Closer): Promise<void> {
    try {
      await closer();
    } catch (error) {
      this.#logger.error({ err: error }, 'a part could not be closed; the others are');
    }
  }
}
