import type { Agent } from 'node:http';
import { noProxies, type ProxySettings } from '../core/http-proxy.ts';
import { agentFor } from '../core/tunnel.ts';

/** How one upstream is reached. */
export interface UpstreamReach {
  /** PEM of its own authority; null: the system's. */
  readonly ca: string | null;
  /** PEM. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  /** Left out: none. */
  readonly proxies?: ProxySettings;
}

/** Connections to one upstream that are used again. */
export function upstreamAgent(
  url: string,
  { ca, clientCertificate, proxies = noProxies }: UpstreamReach,
): Agent {
  return agentFor(new URL(url), proxies, { ...(ca === null ? {} : { ca }), ...clientCertificate });
}
