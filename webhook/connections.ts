import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests on one connection of which none is answered: the API server sends one after the other. */
const mostPipelined = 8;

/**
 * Holds the number of connections. Where there are too many, one that has never asked anything gives way, the oldest first, then
 * the one that has been idle for the longest: whoever opens connections and is silent shuts nobody out.
 */
export function boundConnections(server: HttpServer, most: number): void {
  const open = new Map<string, Socket>();
  const silent = new Map<string, Socket>();
  /** Has asked before; the one that was active last stands last. */
  const idle = new Map<string, Socket>();

  const makeRoom = (): void => {
    for (const places of [silent, idle]) {
      for (const [key, socket] of places) {
        places.delete(key);
        socket.destroy();
        return;
      }
    }
  };

  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    if (open.size >= most) makeRoom();
    open.set(key, socket);
    silent.set(key, socket);
    socket.once('close', () => {
      for (const places of [open, silent, idle]) if (places.get(key) === socket) places.delete(key);
    });
  });

  const asking = new WeakMap<Socket, Asking>();
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    // The socket of a request is the TLS one; both have the same ends.
    const known = asking.get(socket);
    const asker = known ?? { key: keyOf(socket), count: 0 };
    if (known === undefined) asking.set(socket, asker);
    const { key } = asker;
    silent.delete(key);
    idle.delete(key);
    asker.count += 1;
    response.once('close', () => {
      asker.count -= 1;
      const raw = asker.count === 0 ? open.get(key) : undefined;
      if (raw !== undefined) idle.set(key, raw);
    });
    // The answers before this one are still owed, so there is no way to say why.
    if (asker.count > mostPipelined) socket.destroy();
  });
}

interface Asking {
  readonly key: string;
  /** Requests that are not answered yet. */
  count: number;
}

/** Of the other end; no two open connections to one port have the same. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}
