import type { Digest } from '../core/digest.ts';

/** Who needs blobs to stay says so for as long as it does. */
export interface BlobsInUse {
  /**
   * Runs `work` while nobody removes these blobs from the store. Where one is just being removed it waits until that is
   * over: what `work` finds then is not taken away under its hands.
   */
  during<Result>(digests: readonly Digest[], work: () => Promise<Result>): Promise<Result>;
}

/**
 * Which blobs are in use and which are being removed; never both. All of a server's requests and vettings go through one
 * of these, in the main thread: what threads of the pool write and read is held by whoever has asked them to.
 */
export class BlobLeases implements BlobsInUse {
  readonly #held = new Map<Digest, number>();
  readonly #going = new Map<Digest, Promise<void>>();
  readonly #onUse: (digest: Digest) => void;

  /** @param onUse told when a blob begins to be used, and when it ends: the last use of a slow reader is its end */
  constructor(onUse: (digest: Digest) => void = () => undefined) {
    this.#onUse = onUse;
  }

  async during<Result>(digests: readonly Digest[], work: () => Promise<Result>): Promise<Result> {
    for (const digest of digests) {
      // Between the last look and the turn that is taken nothing is awaited.
      for (let going = this.#going.get(digest); going !== undefined; going = this.#going.get(digest)) {
        await going;
      }
      this.#held.set(digest, (this.#held.get(digest) ?? 0) + 1);
      this.#onUse(digest);
    }
    try {
      return await work();
    } finally {
      for (const digest of digests) this.#end(digest);
    }
  }

  isHeld(digest: Digest): boolean {
    return this.#held.has(digest);
  }

  /**
   * Runs `work` for those of `digests` that nobody uses; who wants to use one of these waits until it has ended. It must
   * not wait for anybody's use of a blob.
   */
  async removing<Result>(
    digests: readonly Digest[],
    work: (free: readonly Digest[]) => Promise<Result>,
  ): Promise<Result> {
    const free = digests.filter((digest) => !this.#held.has(digest) && !this.#going.has(digest));
    let over = (): void => undefined;
    const going = new Promise<void>((resolve) => {
      over = resolve;
    });
    for (const digest of free) this.#going.set(digest, going);
    try {
      return await work(free);
    } finally {
      for (const digest of free) this.#going.delete(digest);
      over();
    }
  }

  #end(digest: Digest): void {
    const left = (this.#held.get(digest) ?? 1) - 1;
    if (left > 0) this.#held.set(digest, left);
    else this.#held.delete(digest);
    this.#onUse(digest);
  }
}
