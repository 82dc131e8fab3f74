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

  const waiting = new WeakMap<Socket, number>();
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    // The socket of a request is the TLS one; both have the same ends.
    const key = keyOf(socket);
    silent.delete(key);
    idle.delete(key);
    const count = (waiting.get(socket) ?? 0) + 1;
    waiting.set(socket, count);
    response.once('close', () => {
      const rest = (waiting.get(socket) ?? 1) - 1;
      waiting.set(socket, rest);
      const raw = open.get(key);
      if (rest === 0 && raw !== undefined) idle.set(key, raw);
    });
    // The answers before this one are still owed, so there is no way to say why.
    if (count > mostPipelined) socket.destroy();
  });
}

/** Of the other end; no two open connections to one port have the same. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}
