import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { ProxySettings } from '../../core/http-proxy.ts';
import { throughProxies } from '../../core/tunnel.ts';

/** Milliseconds until a connection is there, and a proxy's tunnel. */
const patience = 10_000;

/** Connections that go through the proxy of each address, redirects included; null: there is no proxy at all. */
export function proxiedDispatcher(proxies: ProxySettings): Dispatcher | null {
  if (proxies.http === null && proxies.https === null) return null;
  return new Agent({ connect: throughProxies(buildConnector({ timeout: patience }), proxies, patience) });
}
