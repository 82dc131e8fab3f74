import type { IncomingMessage } from 'node:http';
import { type Answer, problem } from './door.ts';

export interface BodyBounds {
  /** Bytes of one body. */
  readonly longest: number;
  /** Bytes of all bodies that are being read or answered. */
  readonly together: number;
  /** Milliseconds until a body has to be there. */
  readonly within: number;
}

/** Reads bodies, and knows how much of them is in memory. Nobody can hold more of it than what he has really sent. */
export class Bodies {
  readonly #bounds: BodyBounds;
  /** Those that are still coming, the slowest first. */
  readonly #coming = new Set<Coming>();
  #held = 0;

  constructor(bounds: BodyBounds) {
    this.#bounds = bounds;
  }

  /** Bytes in memory. */
  get held(): number {
    return this.#held;
  }

  /** The whole body, which counts until `release`; or what is said instead, after which the connection has to end. */
  read(request: IncomingMessage, takes: string): Promise<Buffer | Answer> {
    const { longest, within } = this.#bounds;
    const tooLong = problem(413, `${takes} has at most ${longest / 1024 / 1024} MiB`);
    const declared = request.headers['content-length'];
    if (declared !== undefined && Number(declared) > longest) return Promise.resolve(tooLong);
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const coming: Coming = { bytes: 0, give: () => undefined };
      const settle = (outcome: Buffer | Answer): void => {
        clearTimeout(timer);
        request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
        this.#coming.delete(coming);
        if (!Buffer.isBuffer(outcome)) this.#held -= coming.bytes;
        resolve(outcome);
      };
      coming.give = () => settle(problem(503, 'too much is being sent to this webhook; try again'));
      const onData = (chunk: Buffer): void => {
        coming.bytes += chunk.length;
        this.#held += chunk.length;
        if (coming.bytes > longest) settle(tooLong);
        else {
          chunks.push(chunk);
          this.#makeRoom();
        }
      };
      const onEnd = (): void => {
        const [first, ...more] = chunks;
        settle(first !== undefined && more.length === 0 ? first : Buffer.concat(chunks));
      };
      const onClose = (): void => settle(problem(400, 'the request was broken off'));
      const timer = setTimeout(
        () => settle(problem(408, `${takes} has to be sent within ${within / 1000} s`)),
        within,
      );
      this.#coming.add(coming);
      request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
    });
  }

  release(body: Buffer): void {
    this.#held -= body.length;
  }

  /** Whoever has been sending for the longest gives way: an API server sends at once. */
  #makeRoom(): void {
    while (this.#held > this.#bounds.together) {
      const [slowest] = this.#coming;
      if (slowest === undefined) return;
      slowest.give();
    }
  }
}

interface Coming {
  bytes: number;
  give: () => void;
}
