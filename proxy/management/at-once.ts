import type { Request, Response } from 'express';
import { busy } from './query.ts';

/** Reads of many verdicts or changes at once; what each holds in memory may be megabytes. */
export const heavyReads = 4;

/** The same handler, which answers 503 where so many are at work already. Handlers that share one share the count. */
export class AtOnce {
  readonly #most: number;
  #running = 0;

  constructor(most: number) {
    this.#most = most;
  }

  hold<Asked extends Request>(
    handler: (request: Asked, response: Response) => Promise<void>,
  ): (request: Asked, response: Response) => Promise<void> {
    return async (request, response) => {
      if (this.#running >= this.#most) {
        busy(response, `${this.#most} such answers are being made already: ask again in a few seconds`);
        return;
      }
      this.#running += 1;
      try {
        await handler(request, response);
      } finally {
        this.#running -= 1;
      }
    };
  }
}
