import { Counter, Gauge, type Registry } from 'prom-client';
import type { PullerLimit } from '../vetting/pullers.ts';

/** What the registry port keeps out, and how long it can go on. */
export interface AccessMetrics {
  readonly onPullerRefused: (limit: PullerLimit) => void;
  readonly onConnectionRefused: () => void;
}

/** @param endsAt when the registry port's certificate ends, milliseconds since 1970; null: there is none */
export function createAccessMetrics(registry: Registry, endsAt: () => number | null): AccessMetrics {
  const registers = [registry];
  const refusals = new Counter({
    name: 'pratique_puller_refusals_total',
    help: 'Vettings that were not begun because who asked had begun enough, by limit',
    labelNames: ['limit'] as const,
    registers,
  });
  const connections = new Counter({
    name: 'pratique_registry_connections_refused_total',
    help: 'Connections to the registry port that were closed because there were too many',
    registers,
  });
  new Gauge({
    name: 'pratique_registry_certificate_end_seconds',
    help: 'When the certificate of the registry port ends, seconds since 1970; absent without TLS',
    registers,
    collect() {
      const end = endsAt();
      if (end === null) this.remove();
      else this.set(Math.round(end / 1000));
    },
  });
  return {
    onPullerRefused: (limit) => refusals.inc({ limit }),
    onConnectionRefused: () => connections.inc(),
  };
}
