import type { IncomingMessage } from 'node:http';
import { canonicalHost } from '../core/reference.ts';

/** To which upstream the host or port is bound that a request came to (ADR 0028). */
export interface Bindings {
  /** Called for each request to a port that is bound, before anything else is asked of it. */
  came(request: IncomingMessage, upstream: string): void;
  /** The upstream's name; null: names are read by their first component there. */
  of(request: IncomingMessage): string | null;
}

/** @param hosts as clients write it in `Host`, with a port that is not 443 → the upstream's name */
export function createBindings(hosts: ReadonlyMap<string, string>): Bindings {
  const byHost = new Map([...hosts].map(([host, upstream]) => [canonicalHost(host) ?? host, upstream]));
  const byPort = new WeakMap<IncomingMessage, string>();
  return {
    came: (request, upstream) => {
      byPort.set(request, upstream);
    },
    of: (request) => {
      // What a client writes into a header does not outrank the port that it came to.
      const upstream = byPort.get(request);
      if (upstream !== undefined) return upstream;
      if (byHost.size === 0) return null;
      const host = canonicalHost(request.headers.host ?? '');
      return host === null ? null : (byHost.get(host) ?? null);
    },
  };
}
