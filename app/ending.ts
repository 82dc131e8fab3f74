import type { Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Logger } from '../core/ports/logger.ts';
import type { Listen } from './config/config.ts';
import { listenOn } from './listen.ts';

/** Ends one part. */
type Closer = () => Promise<void> | void;

/** Milliseconds that open requests get. */
const grace = 5000;

/** Listeners, and all that stands behind them, with the order in which they end. */
export class Ending {
  readonly #listeners: Closer[] = [];
  readonly #closers: Closer[] = [];
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Called at the end, before everything that was added earlier. */
  add(closer: Closer): void {
    this.#closers.push(closer);
  }

  /**
   * Starts listening; null where it is off.
   * @throws PratiqueError as `listenOn`
   */
  async open(server: Server | HttpsServer, where: Listen | null, setting: string): Promise<Listen | null> {
    if (where === null) return null;
    const at = await listenOn(server, where, setting);
    // Such as too many open files at an accept: it passes, and must not end the process.
    server.on('error', (error) => this.#logger.error({ err: error, setting }, 'a listener failed'));
    this.#listeners.push(
      () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeIdleConnections();
          // Whoever still waits for a vetting after that asks again at the next instance.
          setTimeout(() => server.closeAllConnections(), grace).unref();
        }),
    );
    return at;
  }

  /** Never rejects. */
  async close(): Promise<void> {
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
