import { Counter, type Registry } from 'prom-client';
import { type PrefetchOutcome, prefetchOutcomes } from './prefetch-image.ts';

/** @returns counts what became of an image whose turn it was */
export function createPrefetchMetrics(registry: Registry): (outcome: PrefetchOutcome) => void {
  const outcomes = new Counter({
    name: 'pratique_prefetch_total',
    help: 'Images that were prefetched by the clock: ready, stale (ready, but the upstream does not answer), refused, pending (not decided in time), failed',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  for (const outcome of prefetchOutcomes) outcomes.inc({ outcome }, 0);
  return (outcome) => outcomes.inc({ outcome });
}
