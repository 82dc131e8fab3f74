import { Agent, buildConnector, type Dispatcher } from 'undici';
import { type ProxySettings, proxyFor } from '../../core/http-proxy.ts';
import { openTunnel } from '../../core/tunnel.ts';

/** Milliseconds until a connection is there, and a proxy's tunnel. */
const patience = 10_000;

/** Connections that go through the proxy of each address, redirects included; null: there is no proxy at all. */
export function proxiedDispatcher(proxies: ProxySettings): Dispatcher | null {
  if (proxies.http === null && proxies.https === null) return null;
  const direct = buildConnector({ timeout: patience });
  return new Agent({
    connect: (options, done) => {
      const { protocol, hostname } = options;
      const port = options.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(options.port);
      const proxy = proxyFor(new URL(`${protocol}//${options.host ?? hostname}`), proxies);
      if (proxy === null) {
        direct(options, done);
        return;
      }
      openTunnel(proxy, { host: hostname, port }, patience).then(
        (socket) => {
          if (protocol === 'https:') direct({ ...options, httpSocket: socket }, done);
          else done(null, socket);
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
      );
    },
  });
}
