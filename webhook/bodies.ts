import type { IncomingMessage } from 'node:http';
import { type Answer, problem } from './door.ts';
import { weightOf } from './weight.ts';

export interface BodyBounds {
  /** Bytes of one body. */
  readonly longest: number;
  /** Bytes of all bodies that are being read or answered, and of what becomes of them in memory. */
  readonly together: number;
  /** Bytes of a short body: most reviews are far shorter. */
  readonly short: number;
  /** Of `together`, the part that long ones do not get: who keeps them waiting for an answer shuts out no others. */
  readonly reserved: number;
  /** Milliseconds until a body has to be there. */
  readonly within: number;
}

/** Reads bodies, and knows how much of them is in memory. Nobody can hold more of it than what he has really sent, or what that becomes. */
export class Bodies {
  readonly #bounds: BodyBounds;
  /** Those that are still coming, the slowest first. */
  readonly #coming = new Set<Coming>();
  /** What those that have come whole count for, where that is more than their bytes. */
  readonly #weights = new WeakMap<Buffer, number>();
  #held = 0;
  /** Of it, what long ones hold. */
  #heldByLong = 0;
  /** One for all: most bodies are there at once, and a timer for each would be made in vain. */
  #timer: NodeJS.Timeout | null = null;

  constructor(bounds: BodyBounds) {
    this.#bounds = bounds;
  }

  /** Bytes in memory. */
  get held(): number {
    return this.#held;
  }

  /** The whole body, which counts until `release`; or what is said instead, after which the connection has to end. */
  read(request: IncomingMessage, takes: string): Promise<Buffer | Answer> {
    const { longest } = this.#bounds;
    const tooLong = (): Answer => problem(413, `${takes} has at most ${longest / 1024 / 1024} MiB`);
    const declared = request.headers['content-length'];
    if (declared !== undefined && Number(declared) > longest) return Promise.resolve(tooLong());
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const coming: Coming = { bytes: 0, since: performance.now(), takes, settle: () => undefined };
      coming.settle = (outcome) => {
        // What comes after it is somebody else's to throw away.
        if (!this.#coming.delete(coming)) return;
        if (!Buffer.isBuffer(outcome)) this.#count(coming.bytes, 0);
        resolve(Buffer.isBuffer(outcome) ? this.#weighed(outcome, takes) : outcome);
      };
      const onClose = (): void => coming.settle(problem(400, 'the request was broken off'));
      request
        .on('data', (chunk: Buffer) => {
          if (!this.#coming.has(coming)) return;
          this.#count(coming.bytes, coming.bytes + chunk.length);
          coming.bytes += chunk.length;
          if (coming.bytes > longest) coming.settle(tooLong());
          else {
            chunks.push(chunk);
            this.#makeRoom();
          }
        })
        .on('end', () => {
          const [first] = chunks;
          coming.settle(first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks));
        })
        .on('close', onClose)
        .on('error', onClose);
      this.#coming.add(coming);
      this.#timer ??= this.#wakeIn(this.#bounds.within);
    });
  }

  release(body: Buffer): void {
    this.#count(this.#weights.get(body) ?? body.length, 0);
  }

  #count(before: number, now: number): void {
    const { short } = this.#bounds;
    this.#held += now - before;
    this.#heldByLong += (now > short ? now : 0) - (before > short ? before : 0);
  }

  get #longAreTooMuch(): boolean {
    return this.#heldByLong > this.#bounds.together - this.#bounds.reserved;
  }

  /** The body, where there is room for what becomes of it in memory. */
  #weighed(body: Buffer, takes: string): Buffer | Answer {
    const weight = weightOf(body);
    if (weight <= body.length) return body;
    const { together, reserved } = this.#bounds;
    this.#count(body.length, weight);
    if (this.#held <= together && !this.#longAreTooMuch) {
      this.#weights.set(body, weight);
      return body;
    }
    this.#count(weight, 0);
    return weight > together - reserved
      ? problem(
          413,
          `${takes} has not so many values: they would take ${Math.ceil(weight / 1024 / 1024)} MiB`,
        )
      : tooMuch();
  }

  /** Whoever has been sending for the longest gives way: an API server sends at once. Of what is too long together, a long one. */
  #makeRoom(): void {
    while (this.#held > this.#bounds.together || this.#longAreTooMuch) {
      const { short } = this.#bounds;
      const isLong = this.#longAreTooMuch;
      const slowest = [...this.#coming].find(({ bytes }) => !isLong || bytes > short);
      if (slowest === undefined) return;
      slowest.settle(tooMuch());
    }
  }

  #wakeIn(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#lookForLate(), milliseconds).unref();
  }

  #lookForLate(): void {
    const { within } = this.#bounds;
    this.#timer = null;
    const now = performance.now();
    for (const coming of this.#coming) {
      const left = coming.since + within - now;
      if (left > 0) {
        this.#timer = this.#wakeIn(Math.ceil(left));
        return;
      }
      coming.settle(problem(408, `${coming.takes} has to be sent within ${within / 1000} s`));
    }
  }
}

function tooMuch(): Answer {
  return problem(503, 'too much is being sent to this webhook; try again');
}

interface Coming {
  bytes: number;
  /** Of a clock that nobody sets, milliseconds. */
  readonly since: number;
  readonly takes: string;
  /** Ends the reading; does nothing where it has ended. */
  settle: (outcome: Buffer | Answer) => void;
}
