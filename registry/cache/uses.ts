import type { Digest } from '../../core/digest.ts';
import { isPratiqueError } from '../../core/errors.ts';
import type { CacheRecords, CacheTotals, StoredBlob } from '../../core/ports/cache.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { BlobStore } from '../blob-store.ts';

/** Milliseconds until the use of a blob is recorded; of one that may be new sooner, because it takes up room. */
const delays = { known: 30_000, fresh: 500 };
/** Digests that are remembered to be recorded; after that all are looked up again. */
const mostKnown = 50_000;
/** Blobs that one call to the records tells of. */
const batch = 500;

/**
 * When blobs were used last, gathered in memory and recorded in batches: a request costs an entry in a map. What was
 * gathered and not recorded when the process ends by force is lost, and its blobs look half a minute less used.
 */
export class BlobUses {
  #gathered = new Map<Digest, number>();
  #known = new Set<Digest>();
  #timer: { readonly due: number; readonly handle: NodeJS.Timeout } | null = null;
  #flushing: Promise<void> = Promise.resolve();
  #closed = false;
  readonly #records: Pick<CacheRecords, 'putBlobUses'>;
  readonly #store: Pick<BlobStore, 'size'>;
  readonly #now: () => number;
  readonly #logger: Logger;
  readonly #onTotals: (totals: CacheTotals) => void;

  /** @param options `onTotals`: told what there is, whenever something was recorded */
  constructor(options: {
    readonly records: Pick<CacheRecords, 'putBlobUses'>;
    readonly store: Pick<BlobStore, 'size'>;
    readonly now: () => number;
    readonly logger: Logger;
    readonly onTotals: (totals: CacheTotals) => void;
  }) {
    this.#records = options.records;
    this.#store = options.store;
    this.#now = options.now;
    this.#logger = options.logger;
    this.#onTotals = options.onTotals;
  }

  touch(digest: Digest): void {
    this.#gathered.set(digest, this.#now());
    this.#wake(this.#known.has(digest) ? delays.known : delays.fresh);
  }

  /** They are not in the store any more. */
  forget(digests: readonly Digest[]): void {
    for (const digest of digests) this.#known.delete(digest);
  }

  /** Everything that was told before is recorded when it resolves. Never rejects: what could not be stays gathered. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flush());
    return this.#flushing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    await this.flush();
  }

  #wake(delay: number): void {
    const due = performance.now() + delay;
    if (this.#closed || (this.#timer !== null && this.#timer.due <= due)) return;
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    const handle = setTimeout(() => {
      this.#timer = null;
      // It tells of its own failures.
      this.flush().catch(() => undefined);
    }, delay);
    handle.unref();
    this.#timer = { due, handle };
  }

  async #flush(): Promise<void> {
    const gathered = [...this.#gathered];
    this.#gathered = new Map();
    for (let at = 0; at < gathered.length; at += batch) {
      const part = gathered.slice(at, at + batch);
      try {
        const blobs = (await Promise.all(part.map((use) => this.#look(use)))).filter((blob) => blob !== null);
        if (blobs.length === 0) continue;
        const totals = await this.#records.putBlobUses(blobs);
        if (this.#known.size > mostKnown) this.#known.clear();
        for (const { digest } of blobs) this.#known.add(digest);
        this.#onTotals(totals);
      } catch (error) {
        for (const [digest, usedAt] of part) {
          if (!this.#gathered.has(digest)) this.#gathered.set(digest, usedAt);
        }
        this.#logger.error({ err: error }, 'when blobs were used could not be recorded: it is tried again');
        this.#wake(delays.known);
      }
    }
  }

  /** null: it is not there (a fetch that failed, or it was removed). */
  async #look([digest, usedAt]: readonly [Digest, number]): Promise<StoredBlob | null> {
    try {
      return { digest, size: await this.#store.size(digest), usedAt };
    } catch (error) {
      if (isPratiqueError(error) && error.code === 'blob-unknown') return null;
      throw error;
    }
  }
}
