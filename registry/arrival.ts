import type { Digest } from '../core/digest.ts';
import { type ByteRange, copyGrowing } from './blob-reader.ts';

/** What a writer in another thread needs so that others can follow it. */
export interface ArrivalTicket {
  /** Name of the temporary file. */
  readonly name: string;
  /** One 64-bit number: bytes that are in the file. */
  readonly written: SharedArrayBuffer;
}

/** Tells who follows how many bytes are in the file by now. */
export function reportTo(ticket: ArrivalTicket): (written: number) => void {
  const counter = new BigInt64Array(ticket.written);
  return (written) => {
    Atomics.store(counter, 0, BigInt(written));
    Atomics.notify(counter, 0);
  };
}

/**
 * A blob on its way into the store, for those who may have its bytes before it is whole. However many follow it, it is
 * downloaded once, and it goes on when they leave. Nobody gets the last byte of what he asks for before the blob is
 * verified: a client never holds a whole answer that turns out to be wrong.
 */
export class Arrival {
  readonly digest: Digest;
  /** Bytes that its manifest states. */
  readonly size: number;
  readonly ticket: ArrivalTicket;
  readonly #counter: BigInt64Array;
  readonly #temporary: string;
  readonly #stored: string;
  #landed = false;
  #failure: { readonly error: unknown } | null = null;
  readonly #over: Promise<void>;

  /** @param landing settles when the blob is in the store, or never will be */
  constructor(options: {
    readonly digest: Digest;
    readonly size: number;
    readonly name: string;
    /** Files in which it arrives, and in which it lies afterwards. */
    readonly temporary: string;
    readonly stored: string;
    readonly landing: (ticket: ArrivalTicket) => Promise<unknown>;
  }) {
    this.digest = options.digest;
    this.size = options.size;
    this.ticket = { name: options.name, written: new SharedArrayBuffer(8) };
    this.#counter = new BigInt64Array(this.ticket.written);
    this.#temporary = options.temporary;
    this.#stored = options.stored;
    this.#over = options.landing(this.ticket).then(
      () => {
        this.#landed = true;
      },
      (error: unknown) => {
        this.#failure = { error };
      },
    );
  }

  /** Bytes that have arrived. */
  get written(): number {
    return Number(Atomics.load(this.#counter, 0));
  }

  /** Settles when it is over, however it ended. */
  get over(): Promise<void> {
    return this.#over;
  }

  /**
   * The bytes of a range as they arrive; see `BlobStore.copy`.
   * @param release asked once the blob is verified, before the last byte goes out
   * @throws what the download failed with; what `release` and `write` throw
   */
  async copy(
    range: ByteRange,
    write: (chunk: Uint8Array) => Promise<void>,
    release: () => Promise<void>,
  ): Promise<void> {
    let released = false;
    const available = async (at: number): Promise<number> => {
      for (;;) {
        if (this.#failure !== null) throw this.#failure.error;
        if (this.#landed) {
          if (!released) await release();
          released = true;
          return range.end + 1;
        }
        const there = Math.min(this.written, range.end);
        if (there > at) return there;
        await this.#more();
      }
    };
    // It exists from the first byte on; before that, and when it is over, the other name is the right one.
    while (this.written === 0 && !this.#landed && this.#failure === null) await this.#more();
    await copyGrowing([this.#temporary, this.#stored], range, available, write);
  }

  /** Until there are more bytes than now, or it is over. */
  async #more(): Promise<void> {
    const waiting = Atomics.waitAsync(this.#counter, 0, Atomics.load(this.#counter, 0), longestWait);
    if (waiting.async) await Promise.race([waiting.value, this.#over]);
  }
}

/** Milliseconds after which who waits looks again, whatever it was told. */
const longestWait = 10_000;

/** Blobs on their way, by digest. */
export class Arrivals {
  readonly #underWay = new Map<Digest, { readonly arrival: Arrival; readonly from: string }>();
  readonly #awaited = new Map<Digest, Set<() => void>>();

  /** @param from the repository whose upstream gives it */
  add(arrival: Arrival, from: string): void {
    const entry = { arrival, from };
    this.#underWay.set(arrival.digest, entry);
    for (const wake of this.#awaited.get(arrival.digest) ?? []) wake();
    const forget = (): void => {
      if (this.#underWay.get(arrival.digest) === entry) this.#underWay.delete(arrival.digest);
    };
    arrival.over.then(forget, forget);
  }

  /** One that comes from this repository itself, which is thereby known to hold the blob; null: there is none. */
  of(digest: Digest, from: string): Arrival | null {
    const entry = this.#underWay.get(digest);
    return entry?.from === from ? entry.arrival : null;
  }

  /** As `of`, once it is under way; null where it has not begun when `until` settles. */
  async next(digest: Digest, from: string, until: Promise<unknown>): Promise<Arrival | null> {
    let wake = (): void => undefined;
    const over = { is: false };
    const begun = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const ended = (): void => {
      over.is = true;
    };
    const waiting = this.#awaited.get(digest) ?? new Set();
    this.#awaited.set(digest, waiting.add(wake));
    try {
      const now = this.of(digest, from);
      if (now !== null) return now;
      await Promise.race([begun, until.then(ended, ended)]);
      return over.is ? null : this.of(digest, from);
    } finally {
      waiting.delete(wake);
      if (waiting.size === 0) this.#awaited.delete(digest);
    }
  }

  /** Bytes of a blob that have come so far; null: it is not under way. */
  written(digest: Digest): number | null {
    return this.#underWay.get(digest)?.arrival.written ?? null;
  }

  get size(): number {
    return this.#underWay.size;
  }
}
