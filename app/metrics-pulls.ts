import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { AnswerOutcome } from '../proxy/context.ts';

/** What pulls cost and how long they are held, by upstream. */
export interface PullMetrics {
  readonly onAnswer: (outcome: Pick<AnswerOutcome, 'kind' | 'upstream' | 'served'>) => void;
  /** @returns to be called when the wait is over */
  readonly onHold: (upstream: string) => () => void;
}

export function createPullMetrics(register: Registry): PullMetrics {
  const registers = [register];
  const hits = new Counter({
    name: 'pratique_registry_served_total',
    help: 'Manifests and blobs that went out, from the store or with the help of the upstream (asked, or an inspection waited for)',
    labelNames: ['kind', 'upstream', 'source'] as const,
    registers,
  });
  const bytes = new Counter({
    name: 'pratique_registry_served_bytes_total',
    help: 'Bytes of manifests and blobs that went out',
    labelNames: ['kind', 'upstream', 'source'] as const,
    registers,
  });
  const heldNow = new Gauge({
    name: 'pratique_registry_held_requests',
    help: 'Requests that wait for an inspection now',
    labelNames: ['upstream'] as const,
    registers,
  });
  const held = new Histogram({
    name: 'pratique_registry_held_seconds',
    help: 'How long requests were held for an inspection',
    labelNames: ['upstream'] as const,
    buckets: [0.1, 0.5, 1, 2.5, 5, 10, 25, 60, 300],
    registers,
  });
  return {
    onAnswer: ({ kind, upstream, served }) => {
      if (served === null) return;
      const labels = { kind, upstream, source: served.source };
      hits.inc(labels);
      if (served.bytes > 0) bytes.inc(labels, served.bytes);
    },
    onHold: (upstream) => {
      const began = performance.now();
      heldNow.inc({ upstream });
      return () => {
        heldNow.dec({ upstream });
        held.observe({ upstream }, (performance.now() - began) / 1000);
      };
    },
  };
}
