import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { bareHost, type ProxySettings, portOf, proxyFor } from './http-proxy.ts';

/** Milliseconds until a proxy has to have opened its tunnel. */
const patience = 10_000;

/**
 * A connection to `host:port` through an HTTP proxy (RFC 9110, 9.3.6).
 * @param proxy its user name and password are sent to it
 * @throws Error naming the proxy, without its password
 */
export function openTunnel(
  proxy: URL,
  target: { readonly host: string; readonly port: number },
  timeout: number = patience,
): Promise<Socket> {
  const host = target.host.includes(':') ? `[${bareHost(target.host)}]` : target.host;
  const authority = `${host}:${target.port}`;
  const failure = (why: string): Error => new Error(`the proxy ${proxy.host} ${why}`);
  return new Promise((resolve, reject) => {
    const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send({
      host: bareHost(proxy.hostname),
      port: portOf(proxy),
      method: 'CONNECT',
      path: authority,
      agent: false,
      headers: { host: authority, ...authorizationFor(proxy) },
    });
    const late = setTimeout(
      () => request.destroy(failure(`opened no tunnel to ${authority} within ${timeout} ms`)),
      timeout,
    );
    request.once('connect', ({ statusCode }, socket: Socket, head: Buffer) => {
      clearTimeout(late);
      if (statusCode !== 200) {
        socket.destroy();
        reject(failure(`answered ${statusCode ?? 'nothing'} when asked for a tunnel to ${authority}`));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.once('response', (answer) => {
      clearTimeout(late);
      answer.destroy();
      reject(failure(`answered ${answer.statusCode ?? 'nothing'} when asked for a tunnel to ${authority}`));
    });
    request.once('error', (error) => {
      clearTimeout(late);
      const { message } = error;
      reject(message.startsWith('the proxy ') ? error : failure(`could not be reached: ${message}`));
    });
    request.end();
  });
}

function authorizationFor({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

interface ConnectTo {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
  readonly host?: string | undefined;
  /** To speak TLS over, instead of a connection of its own. */
  readonly httpSocket?: Socket | undefined;
}
type Connected = (...outcome: [null, Socket] | [Error, null]) => void;

/**
 * A connector of undici's that goes through the proxy of each address which has one.
 * @param direct connects by itself, and speaks TLS over a `httpSocket`
 * @param timeout milliseconds until a tunnel is there
 */
export function throughProxies<To extends ConnectTo>(
  direct: (to: To, done: Connected) => void,
  proxies: ProxySettings,
  timeout: number,
): (to: To, done: Connected) => void {
  return (to, done) => {
    const { protocol, hostname, host = hostname } = to;
    const proxy = proxyFor(new URL(`${protocol}//${host}`), proxies);
    if (proxy === null) {
      direct(to, done);
      return;
    }
    openTunnel(proxy, { host: hostname, port: portOf(to) }, timeout).then(
      (socket) => {
        if (protocol === 'https:') direct({ ...to, httpSocket: socket }, done);
        else done(null, socket);
      },
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

/** What a connection is trusted by. PEM. */
export interface AgentTls {
  readonly ca?: string | readonly string[];
  readonly cert?: string;
  readonly key?: string;
}

/** Node's agent for one address, through its proxy where it has one; connections are used again. */
export function agentFor(url: URL, proxies: ProxySettings, tls: AgentTls = {}): HttpAgent {
  const isTls = url.protocol === 'https:';
  const options = {
    keepAlive: true,
    ...(tls.ca === undefined ? {} : { ca: [...(typeof tls.ca === 'string' ? [tls.ca] : tls.ca)] }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  };
  const agent = isTls ? new HttpsAgent(options) : new HttpAgent(options);
  const proxy = proxyFor(url, proxies);
  if (proxy === null) return agent;
  const port = portOf(url);
  const host = bareHost(url.hostname);
  agent.createConnection = (
    _request: RequestOptions,
    done?: (error: Error | null, socket: Duplex) => void,
  ): undefined => {
    openTunnel(proxy, { host, port })
      .then((socket) => (isTls ? connectTls({ ...options, socket, servername: host }) : socket))
      .then((socket) => done?.(null, socket))
      .catch((error: unknown) =>
        // Node's types want a socket even where there is none.
        (done as ((error: Error) => void) | undefined)?.(
          error instanceof Error ? error : new Error(String(error)),
        ),
      );
    return undefined;
  };
  return agent;
}

/** For a client of one address that asks for agents by their scheme: the agent of its proxy; null: it has none. */
export function proxiedAgents(
  address: string,
  proxies: ProxySettings,
  tls: AgentTls,
): { readonly httpAgent: HttpAgent } | { readonly httpsAgent: HttpAgent } | null {
  const url = new URL(address);
  if (proxyFor(url, proxies) === null) return null;
  const agent = agentFor(url, proxies, tls);
  return url.protocol === 'https:' ? { httpsAgent: agent } : { httpAgent: agent };
}
