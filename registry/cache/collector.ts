import type { Digest } from '../../core/digest.ts';
import type { CachedBlob, CacheOutcome, CacheRecords } from '../../core/ports/cache.ts';
import type { BlobLeases } from '../blob-leases.ts';
import type { BlobStore } from '../blob-store.ts';
import { chooseEvictions, type Eviction, type EvictionReason, type EvictionTerms, isOver } from './choose.ts';

/** Blobs that are looked at, and of which some are let go, at a time: users of these wait for one transaction. */
const pageSize = 100;
/** Rounds for claims in a row; the next round goes on. */
const mostClaimPages = 1000;

export interface CollectorParts {
  readonly records: Pick<CacheRecords, 'blobsByUse' | 'releaseBlobs' | 'idleClaims' | 'dropClaims'>;
  readonly store: Pick<BlobStore, 'remove'>;
  readonly leases: Pick<BlobLeases, 'removing' | 'isHeld'>;
  /** What was used is recorded when it resolves. */
  readonly settle: () => Promise<void>;
  readonly onGone: (digests: readonly Digest[]) => void;
  readonly onEvicted: (reason: EvictionReason, size: number) => void;
  /** Ends a round between two pages. */
  readonly stopped: () => boolean;
}

export interface Round extends EvictionTerms {
  /** Nothing goes; what would is counted. */
  readonly dryRun: boolean;
  readonly onProgress?: (outcome: CacheOutcome) => Promise<void>;
}

/**
 * Removes blobs from the store while it is being used. Whether a blob may go is said three times: by the pure choice, by
 * the leases (nobody uses it, and nobody begins to until it is gone), and by the records, in the transaction that takes
 * it out of them (ADR 0026). Its file goes last: a process that ends between leaves a file that nobody knows of, and never
 * a record of a blob that is gone.
 */
export class Collector {
  readonly #parts: CollectorParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: CollectorParts) {
    this.#parts = parts;
  }

  /** One round at a time. @throws whatever the records or the disk say; what went before is gone */
  run(round: Round): Promise<CacheOutcome> {
    const turn = this.#last.then(() => this.#run(round));
    // Its failure is told to whoever has asked for it, and is not the next one's.
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #run(round: Round): Promise<CacheOutcome> {
    await this.#parts.settle();
    if (round.unreferenced && !round.dryRun) await this.#dropClaims(round.claimedBefore);
    const tally = new Tally();
    let after: CachedBlob | null = null;
    for (;;) {
      const page: readonly CachedBlob[] = await this.#parts.records.blobsByUse(after, pageSize);
      const [first] = page;
      const over = first === undefined || isOver(first.usedAt, round, tally.bytes);
      if (over || this.#parts.stopped()) return tally.outcome;
      const terms = { ...round, excess: round.excess - tally.bytes };
      const chosen = chooseEvictions(page, terms, (digest) => this.#parts.leases.isHeld(digest));
      for (const eviction of round.dryRun ? chosen : await this.#evict(chosen, round)) tally.add(eviction);
      await round.onProgress?.(tally.outcome);
      after = page.at(-1) ?? null;
    }
  }

  async #evict(chosen: readonly Eviction[], round: Round): Promise<readonly Eviction[]> {
    const { leases, records, store, onGone, onEvicted } = this.#parts;
    const gone: Eviction[] = [];
    for (const unreferenced of [true, false]) {
      const asked = chosen.filter(({ reason }) => (reason === 'unreferenced') === unreferenced);
      if (asked.length === 0) continue;
      const digests = asked.map(({ blob }) => blob.digest);
      await leases.removing(digests, async (free) => {
        const unused = new Set(free);
        const blobs = asked.flatMap(({ blob }) => (unused.has(blob.digest) ? [blob] : []));
        const { claimedBefore } = round;
        const released = new Set(await records.releaseBlobs({ blobs, unreferenced, claimedBefore }));
        // All files, though one cannot be removed: it is found again as one that nobody knows of.
        const removals = await Promise.allSettled([...released].map((digest) => store.remove(digest)));
        onGone([...released]);
        gone.push(...asked.filter(({ blob }) => released.has(blob.digest)));
        const failed = removals.find((removal) => removal.status === 'rejected');
        if (failed !== undefined) throw failed.reason;
      });
    }
    for (const { blob, reason } of gone) onEvicted(reason, blob.size);
    return gone;
  }

  /** What hosted repositories were given and never named counts for nobody any more, though others refer to it. */
  async #dropClaims(claimedBefore: number): Promise<void> {
    const { leases, records } = this.#parts;
    for (let pages = 0; pages < mostClaimPages; pages += 1) {
      const idle = await records.idleClaims(claimedBefore, pageSize);
      if (idle.length === 0) return;
      const blobs = [...new Set(idle.map(({ blob }) => blob))];
      const dropped = await leases.removing(blobs, (free) => {
        const unused = new Set(free);
        return records.dropClaims(
          idle.filter(({ blob }) => unused.has(blob)),
          claimedBefore,
        );
      });
      // All that are left are in use.
      if (dropped === 0) return;
    }
  }
}

class Tally {
  #blobs = 0;
  #bytes = 0;
  readonly #reasons = new Map<string, number>();

  get bytes(): number {
    return this.#bytes;
  }

  add({ blob, reason }: Eviction): void {
    this.#blobs += 1;
    this.#bytes += blob.size;
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  }

  get outcome(): CacheOutcome {
    return { blobs: this.#blobs, bytes: this.#bytes, reasons: Object.fromEntries(this.#reasons) };
  }
}
