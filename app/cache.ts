import { statfs } from 'node:fs/promises';
import { schedule } from 'node-cron';
import type { CacheOrder, CacheOutcome, CacheRecords, CacheTotals } from '../core/ports/cache.ts';
import type { Logger } from '../core/ports/logger.ts';
import { BlobLeases } from '../registry/blob-leases.ts';
import type { BlobStore } from '../registry/blob-store.ts';
import { Collector, type Round } from '../registry/cache/collector.ts';
import { reconcileStore } from '../registry/cache/reconcile.ts';
import { BlobUses } from '../registry/cache/uses.ts';
import type { CacheConfig } from './config/cache.ts';
import type { CacheMetrics } from './metrics-cache.ts';

const everySecond = '* * * * * *';
/** Of the quota: what is left after a round that the quota has asked for, so that not every blob asks for the next one. */
const lowWater = 0.9;
/** Bytes that a full disk asks for at least. */
const leastRoom = 256 * 1024 ** 2;

/** What keeps the store within its bounds while it is being used (ADR 0026). */
export interface Cache {
  readonly leases: BlobLeases;
  /** Evicts what may go, because the disk had no room for so many bytes. Those that ask at once share a round. */
  makeRoom(bytes: number): Promise<void>;
  /** Carries out one order. */
  carryOut(order: CacheOrder, onProgress: (outcome: CacheOutcome) => Promise<void>): Promise<CacheOutcome>;
  /**
   * Looks through the store, and begins to watch the clock and what is asked.
   * @throws what node-cron says of a schedule that is none; `checkSchedule` says it better, before
   */
  start(): void;
  close(): Promise<void>;
}

export function createCache(parts: {
  readonly config: CacheConfig;
  readonly records: CacheRecords;
  readonly store: BlobStore;
  /** Folder of the store. */
  readonly folder: string;
  readonly metrics: Pick<CacheMetrics, 'onEvicted' | 'onRound'>;
  readonly now: () => number;
  readonly logger: Logger;
}): Cache {
  const { config, records, store, folder, metrics, now, logger } = parts;
  const leases = new BlobLeases((digest) => uses.touch(digest));
  const uses = new BlobUses({ records, store, now, logger, onTotals: (totals) => lookAtBounds(totals) });
  const collector = new Collector({
    records,
    store,
    leases,
    settle: () => uses.flush(),
    onGone: (digests) => uses.forget(digests),
    onEvicted: metrics.onEvicted,
    stopped: () => stopped,
  });
  let stopped = false;
  let pressed: Promise<void> | null = null;

  const nothing = (): Round => ({
    unreferenced: false,
    claimedBefore: now() - config.grace,
    usedBefore: null,
    excess: 0,
    pressure: 'quota',
    dryRun: false,
  });
  const run = async (round: Round): Promise<CacheOutcome> => {
    const began = performance.now();
    try {
      const outcome = await collector.run(round);
      if (outcome.blobs > 0 && !round.dryRun)
        logger.info({ ...outcome }, 'blobs were removed from the cache');
      return outcome;
    } finally {
      metrics.onRound(performance.now() - began);
    }
  };
  const overQuota = ({ bytes }: CacheTotals): number =>
    config.bytes === null || bytes <= config.bytes ? 0 : bytes - Math.floor(config.bytes * lowWater);
  const missingOnDisk = async (): Promise<number> => {
    if (config.keepFree === null) return 0;
    const { bavail, bsize } = await statfs(folder);
    return Math.max(0, config.keepFree - bavail * bsize);
  };
  /** One round where a bound is passed; a bound that cannot be kept is told. */
  const press = async (): Promise<void> => {
    const quota = overQuota(await records.cacheTotals());
    if (quota > 0) {
      const { bytes } = await run({ ...nothing(), excess: quota });
      const over = overQuota(await records.cacheTotals());
      if (over > 0)
        logger.warn(
          { bytes, over },
          'the cache is over its quota: all that is left is in use, pinned or hosted',
        );
    }
    const missing = await missingOnDisk();
    if (missing > 0) await run({ ...nothing(), excess: missing, pressure: 'disk' });
  };
  const lookAtBounds = (totals: CacheTotals): void => {
    if (stopped || pressed !== null || (overQuota(totals) === 0 && config.keepFree === null)) return;
    pressed = press()
      .catch((error: unknown) =>
        logger.error({ err: error }, 'the cache could not be kept within its bounds'),
      )
      .finally(() => {
        pressed = null;
      });
  };

  const lookThrough = async (): Promise<void> => {
    const seen = await reconcileStore({ folder, records, store, leases, stopped: () => stopped });
    if (seen.found + seen.lost > 0) logger.info(seen, 'the store was looked through');
  };
  const nightly = async (): Promise<void> => {
    await lookThrough();
    if (stopped) return;
    const usedBefore = config.age === null ? null : now() - config.age;
    await run({ ...nothing(), unreferenced: true, usedBefore });
    await press();
  };
  const carryOut: Cache['carryOut'] = async (order, onProgress) => {
    const { dryRun, unreferenced, usedBefore, claimedBefore, to } = order;
    await uses.flush();
    const { bytes } = await records.cacheTotals();
    const excess = to === null ? 0 : Math.max(0, bytes - to);
    return run({ dryRun, unreferenced, usedBefore, claimedBefore, excess, pressure: 'asked', onProgress });
  };
  const takeOrder = async (): Promise<void> => {
    const asked = await records.nextCacheRequest();
    if (asked === null) return;
    const { id, order } = asked;
    try {
      const outcome = await carryOut(order, (far) => records.putCacheOutcome(id, 'running', far, null));
      // What was ended in the middle is begun anew at the next start.
      if (stopped) return;
      await records.putCacheOutcome(id, 'done', outcome, null);
    } catch (error) {
      logger.error({ err: error, id }, 'what the cache was asked to do failed');
      await records.putCacheOutcome(
        id,
        'failed',
        null,
        error instanceof Error ? error.message : String(error),
      );
    }
  };

  let ordered: Promise<void> = Promise.resolve();
  const lookForOrders = (): Promise<void> => {
    ordered = takeOrder();
    return ordered;
  };

  const guarded = (what: string, work: () => Promise<void>) => async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!stopped) logger.error({ err: error, what }, 'a round over the cache failed: it is tried again');
    }
  };
  const tasks: { destroy(): void | Promise<void> }[] = [];
  let first: Promise<void> = Promise.resolve();
  let looked = false;
  let makingRoom: Promise<void> | null = null;
  return {
    leases,
    carryOut,
    makeRoom: (bytes) => {
      makingRoom ??= missingOnDisk()
        .then((missing) =>
          run({ ...nothing(), excess: Math.max(bytes, missing, leastRoom), pressure: 'disk' }),
        )
        .then(
          () => undefined,
          (error: unknown) => logger.error({ err: error }, 'no room could be made on a full disk'),
        )
        .finally(() => {
          makingRoom = null;
        });
      return makingRoom;
    },
    start: () => {
      const begun = guarded('start', async () => {
        await records.resumeCacheRequests();
        await lookThrough();
        lookAtBounds(await records.cacheTotals());
      });
      // By the clock nothing begins before the store was looked through; a schedule that is none throws here, at the start.
      const watch = (expression: string, what: string, work: () => Promise<void>): void => {
        const round = guarded(what, async () => {
          if (looked && !stopped) await work();
        });
        tasks.push(schedule(expression, round, { noOverlap: true }));
      };
      watch(everySecond, 'orders', lookForOrders);
      if (config.schedule !== null) watch(config.schedule, 'schedule', nightly);
      first = begun().then(() => {
        looked = true;
      });
    },
    close: async () => {
      stopped = true;
      await first;
      for (const task of tasks) await task.destroy();
      await ordered.catch(() => undefined);
      await pressed;
      await uses.close();
    },
  };
}
