import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { GatesContext } from '../proxy/gates/context.ts';
import type { Replicas } from '../proxy/gates/replicas.ts';

/** Metrics of the port for gates that run on their own. Names of clusters come from the configuration. */
export function createGatesMetrics(registry: Registry, replicas: Replicas): GatesContext['onAnswer'] {
  const registers = [registry];
  const requests = new Counter({
    name: 'pratique_gates_requests_total',
    help: 'Requests of gates that run on their own; without a cluster: of somebody who has not shown who he is',
    labelNames: ['route', 'status', 'cluster'] as const,
    registers,
  });
  const seconds = new Histogram({
    name: 'pratique_gates_request_seconds',
    help: 'Time until a gate that runs on its own was answered, long polls included',
    labelNames: ['route'] as const,
    buckets: [0.005, 0.05, 0.5, 5, 30],
    registers,
  });
  new Gauge({
    name: 'pratique_gates_replica_behind_changes',
    help: 'Changes that a replica has not read; absent when it has asked for nothing in ten minutes',
    labelNames: ['cluster', 'replica'] as const,
    registers,
    collect() {
      this.reset();
      for (const { cluster, replica, behind } of replicas.list()) this.set({ cluster, replica }, behind);
    },
  });
  return ({ route, status, cluster, milliseconds }) => {
    requests.inc({ route, status: String(status), cluster: cluster ?? '' });
    if (cluster !== null) seconds.observe({ route }, milliseconds / 1000);
  };
}
