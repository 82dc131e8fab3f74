import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, request as httpsRequest, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { selfSignedCertificate } from './tls.ts';

/** What stands between a gate and its proxy, and does what networks and liars do. */
export type Mischief =
  | { readonly kind: 'none' }
  /** Takes the connection, and answers nothing. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** Instead of the answer. */
  | { readonly kind: 'says'; readonly status: number; readonly type: string; readonly body: string }
  /** Half of the answer, with the end of a whole one. */
  | { readonly kind: 'half' }
  /** Changes what is answered. */
  | {
      readonly kind: 'lies';
      readonly change: (path: string, value: Record<string, unknown>) => unknown;
    };

export interface ProxyRelay {
  readonly url: string;
  /** PEM of the authority that it is believed by. */
  readonly ca: string;
  /** Requests by their path, since the last look. */
  readonly seen: string[];
  /** Ends all connections, so that whoever waits notices. */
  become(mischief: Mischief): void;
  /** Nobody listens any more. */
  stop(): Promise<void>;
  /** Listens again at its port. */
  resume(): Promise<void>;
  /** Shows another certificate, which nobody believes. */
  disguise(): void;
  undisguise(): void;
}

/** @param to the port of the proxy for gates, on loopback @param plain whether it speaks plain HTTP there */
export async function startProxyRelay(to: number, plain: boolean): Promise<ProxyRelay> {
  const own = selfSignedCertificate();
  const other = selfSignedCertificate();
  let mischief: Mischief = { kind: 'none' };
  const sockets = new Set<Duplex>();
  const seen: string[] = [];
  const server: Server = createServer(own, (request, response) => {
    seen.push((request.url ?? '').split('?')[0] ?? '');
    handle(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const now = mischief;
    if (now.kind === 'silent') return;
    const body = await bodyOf(request);
    if (now.kind === 'says') {
      response.writeHead(now.status, { 'Content-Type': now.type }).end(now.body);
      return;
    }
    if (now.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, now.milliseconds));
    const answer = await forward(to, plain, request, body);
    const changed =
      now.kind === 'half'
        ? answer.body.subarray(0, Math.floor(answer.body.length / 2))
        : now.kind === 'lies' && answer.status === 200
          ? Buffer.from(
              JSON.stringify(
                now.change(
                  (request.url ?? '').split('?')[0] ?? '',
                  JSON.parse(answer.body.toString()) as Record<string, unknown>,
                ),
              ),
            )
          : answer.body;
    response.writeHead(answer.status, { 'Content-Type': answer.type }).end(changed);
  };
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `https://127.0.0.1:${port}`,
    ca: own.cert,
    seen,
    become: (next) => {
      mischief = next;
      endAll();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        endAll();
      }),
    resume: () => listen(port),
    disguise: () => {
      server.setSecureContext(other);
      endAll();
    },
    undisguise: () => {
      server.setSecureContext(own);
      endAll();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function forward(
  port: number,
  plain: boolean,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
): Promise<{ readonly status: number; readonly type: string; readonly body: Buffer }> {
  return new Promise((resolve, reject) => {
    const { host: _host, connection: _connection, ...kept } = headers;
    const options = { host: '127.0.0.1', port, method, path: url, headers: kept, agent: false } as const;
    const asking = plain ? httpRequest(options) : httpsRequest({ ...options, rejectUnauthorized: false });
    asking.once('error', reject);
    asking.once('response', (response) => {
      bodyOf(response).then(
        (read) =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            body: read,
          }),
        reject,
      );
    });
    asking.end(body);
  });
}
