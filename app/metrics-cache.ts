import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CacheTotals } from '../core/ports/cache.ts';
import type { Logger } from '../core/ports/logger.ts';
import { type EvictionReason, evictionReasons } from '../registry/cache/choose.ts';

export interface CacheMetrics {
  readonly onEvicted: (reason: EvictionReason, size: number) => void;
  /** @param milliseconds that a round over the cache took */
  readonly onRound: (milliseconds: number) => void;
  /** What can be read once the state is open. @param quota bytes; null: there is none */
  readonly watch: (totals: () => Promise<CacheTotals>, quota: number | null) => void;
}

/** Metrics of the blobs in the store. */
export function createCacheMetrics(registry: Registry, logger: Logger): CacheMetrics {
  const registers = [registry];
  const evicted = new Counter({
    name: 'pratique_cache_evicted_blobs_total',
    help: 'Blobs that were removed from the store, by why',
    labelNames: ['reason'] as const,
    registers,
  });
  const evictedBytes = new Counter({
    name: 'pratique_cache_evicted_bytes_total',
    help: 'Bytes of blobs that were removed from the store, by why',
    labelNames: ['reason'] as const,
    registers,
  });
  const rounds = new Histogram({
    name: 'pratique_cache_round_seconds',
    help: 'Time that a round over the cache took, which chooses and removes blobs',
    buckets: [0.01, 0.1, 0.5, 1, 5, 15, 60, 300],
    registers,
  });
  for (const reason of evictionReasons) {
    evicted.inc({ reason }, 0);
    evictedBytes.inc({ reason }, 0);
  }
  return {
    onEvicted: (reason, size) => {
      evicted.inc({ reason });
      evictedBytes.inc({ reason }, size);
    },
    onRound: (milliseconds) => rounds.observe(milliseconds / 1000),
    watch: (totals, quota) => {
      new Gauge({
        name: 'pratique_cache_quota_bytes',
        help: 'Bytes that the blobs in the store may have together; absent without a quota',
        registers,
        collect() {
          if (quota === null) this.remove();
          else this.set(quota);
        },
      });
      let asked: Promise<CacheTotals | null> | null = null;
      const now = (): Promise<CacheTotals | null> => {
        // Two gauges of one scrape share the answer.
        asked ??= totals()
          .catch((error: unknown) => {
            logger.error({ err: error }, 'what the cache holds cannot be read');
            return null;
          })
          .finally(() => {
            asked = null;
          });
        return asked;
      };
      for (const [name, help, of] of [
        ['pratique_cache_bytes', 'Bytes of the blobs in the store', 'bytes'],
        ['pratique_cache_blobs', 'Blobs in the store', 'blobs'],
      ] as const) {
        new Gauge({
          name,
          help,
          registers,
          async collect() {
            const found = await now();
            if (found === null) this.remove();
            else this.set(found[of]);
          },
        });
      }
    },
  };
}
