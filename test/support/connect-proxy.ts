import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

export interface ConnectProxy {
  readonly url: string;
  /** `host:port` of every tunnel that was asked for, in their order. */
  readonly tunnels: readonly string[];
  close(): Promise<void>;
}

/**
 * An HTTP proxy for tests that opens tunnels.
 */
export async function startConnectProxy(
  options: { readonly authorization?: string; readonly status?: number } = {},
): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, socket) => {
    const target = request.url ?? '';
    tunnels.push(target);
    const { authorization, status } = options;
    const refused =
      status ??
      (authorization !== undefined && request.headers['proxy-authorization'] !== authorization ? 407 : null);
    socket.on('error', () => socket.destroy());
    if (refused !== null) {
      socket.end(`HTTP/1.1 ${refused} Refused\r\n\r\n`);
      return;
    }
    // Whatever name is asked for: it is on this machine.
    const upstream = connect(Number(target.slice(target.lastIndexOf(':') + 1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
