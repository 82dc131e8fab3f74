import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Logger } from '../core/ports/logger.ts';
import type { UpstreamObserver } from '../registry/upstream/observer.ts';

/** The part of a rate limit below which a warning is due. */
const scarce = 0.1;

/**
 * Metrics of upstreams. Labels are upstreams and their own hosts, which come from the configuration, and names of outcomes
 * and errors.
 * @returns counts what happens with upstreams, and logs what an operator has to see
 * @param load requests of each upstream that wait for its limits and that are in flight, of those with limits
 */
export function createUpstreamMetrics(
  registry: Registry,
  logger: Logger,
  load: () => ReadonlyMap<string, { readonly waiting: number; readonly inFlight: number }>,
): UpstreamObserver {
  const registers = [registry];
  const requests = new Counter({
    name: 'pratique_upstream_requests_total',
    help: 'Requests to upstreams and their mirrors by what became of them',
    labelNames: ['upstream', 'place', 'outcome'] as const,
    registers,
  });
  const seconds = new Histogram({
    name: 'pratique_upstream_request_seconds',
    help: 'Time until the head of an answer was there',
    labelNames: ['upstream', 'place'] as const,
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const bytes = new Counter({
    name: 'pratique_upstream_received_bytes_total',
    help: 'Bytes of manifests and blobs that came from upstreams',
    labelNames: ['upstream', 'place'] as const,
    registers,
  });
  const errors = new Counter({
    name: 'pratique_upstream_errors_total',
    help: 'Failures of upstreams by their code',
    labelNames: ['upstream', 'code'] as const,
    registers,
  });
  const resumed = new Counter({
    name: 'pratique_upstream_resumed_total',
    help: 'Blobs that went on where they had been cut',
    labelNames: ['upstream', 'place'] as const,
    registers,
  });
  const rests = new Counter({
    name: 'pratique_upstream_mirror_rests_total',
    help: 'How often a mirror was left alone for a while because it failed',
    labelNames: ['upstream', 'place'] as const,
    registers,
  });
  const limit = new Gauge({
    name: 'pratique_upstream_rate_limit',
    help: 'What an upstream lets through in its time, as it says itself',
    labelNames: ['upstream', 'place'] as const,
    registers,
  });
  const remaining = new Gauge({
    name: 'pratique_upstream_rate_limit_remaining',
    help: 'What is left of it, as the upstream said last',
    labelNames: ['upstream', 'place'] as const,
    registers,
  });
  new Gauge({
    name: 'pratique_upstream_limited_requests',
    help: 'Requests to upstreams with limits, waiting for their turn and in flight',
    labelNames: ['upstream', 'state'] as const,
    registers,
    collect() {
      for (const [upstream, now] of load()) {
        this.set({ upstream, state: 'waiting' }, now.waiting);
        this.set({ upstream, state: 'in-flight' }, now.inFlight);
      }
    },
  });
  const warned = new Set<string>();

  return (event) => {
    const { upstream } = event;
    switch (event.kind) {
      case 'answered':
        requests.inc({ upstream, place: event.place, outcome: event.outcome });
        seconds.observe({ upstream, place: event.place }, event.seconds);
        return;
      case 'received':
        bytes.inc({ upstream, place: event.place }, event.bytes);
        return;
      case 'resumed':
        resumed.inc({ upstream, place: event.place });
        return;
      case 'failed':
        errors.inc({ upstream, code: event.code });
        return;
      case 'cooling': {
        const { place, seconds: rest, why } = event;
        rests.inc({ upstream, place });
        logger.warn({ upstream, mirror: place, seconds: rest, why }, 'a mirror fails and is left alone');
        return;
      }
      case 'rate-limit': {
        const { place } = event;
        remaining.set({ upstream, place }, event.remaining);
        if (event.limit === null) return;
        limit.set({ upstream, place }, event.limit);
        const key = `${upstream} ${place}`;
        if (event.remaining >= event.limit * scarce) warned.delete(key);
        else if (!warned.has(key)) {
          warned.add(key);
          logger.warn(
            { upstream, place, limit: event.limit, remaining: event.remaining },
            'little is left of what an upstream lets through',
          );
        }
      }
    }
  };
}
