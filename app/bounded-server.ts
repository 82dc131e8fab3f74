import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Logger } from '../core/ports/logger.ts';
import { networkOf } from '../proxy/auth/throttle.ts';
import { ociErrorBody } from '../registry/oci-error.ts';
import type { KeyPair } from './tls-files.ts';

export interface ConnectionBounds {
  /** Connections of everybody together. */
  readonly all: number;
  readonly perAddress: number;
  /** Proxies, behind which there are many. */
  readonly isTrusted: (address: string) => boolean;
  readonly onRefused: () => void;
}

/** Milliseconds in which a request's headers, and a TLS handshake, have to be complete. */
const headersTimeout = 20_000;
const handshakeTimeout = 10_000;
/** Milliseconds between two looks for connections that take longer. */
const checkingInterval = 2_000;
/** Bytes of a request's line and headers: a path of 4 KiB, a bearer token of 8. */
const largestHead = 32 * 1024;
/** Requests on one connection of which none is answered: clients of registries send one after the other. */
const mostPipelined = 32;

const serverOptions: ServerOptions = {
  keepAliveTimeout: 65_000,
  headersTimeout,
  // Bodies have bounds of their own: a layer may take hours.
  requestTimeout: 0,
  connectionsCheckingInterval: checkingInterval,
  maxHeaderSize: largestHead,
};

/**
 * A server of the registry API, not listening yet, that no client can keep busy by not talking, or by talking too much
 * (ADR 0027).
 * @param pair null: plain HTTP
 */
export function createBoundedServer(
  pair: KeyPair | null,
  bounds: ConnectionBounds,
  logger: Logger,
): Server | TlsServer {
  const server =
    pair === null
      ? createServer(serverOptions)
      : createTlsServer({
          ...serverOptions,
          cert: pair.cert,
          key: pair.key,
          minVersion: 'TLSv1.2',
          ALPNProtocols: ['http/1.1'],
          handshakeTimeout,
        });
  server.maxConnections = bounds.all;
  boundAddresses(server, bounds, logger);
  boundPipelines(server, logger);
  server.on('clientError', answerUnreadable);
  // Node tells of these instead of counting the connection; nobody else hears it.
  server.on('drop', () => bounds.onRefused());
  return server;
}

function boundAddresses(server: Server | TlsServer, bounds: ConnectionBounds, logger: Logger): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const from = socket.remoteAddress ?? '';
    if (bounds.isTrusted(from)) return;
    const address = networkOf(from);
    const before = open.get(address) ?? 0;
    if (before >= bounds.perAddress) {
      bounds.onRefused();
      if (before === bounds.perAddress) logger.warn({ address, connections: before }, 'too many connections');
      socket.destroy();
      return;
    }
    open.set(address, before + 1);
    socket.once('close', () => {
      const rest = (open.get(address) ?? 1) - 1;
      if (rest > 0) open.set(address, rest);
      else open.delete(address);
    });
  });
}

/** Requests that wait behind others on one connection are held in memory, whatever they ask for. */
function boundPipelines(server: Server | TlsServer, logger: Logger): void {
  const waiting = new WeakMap<Socket, number>();
  server.prependListener('request', (request: IncomingMessage, response) => {
    const { socket } = request;
    const count = (waiting.get(socket) ?? 0) + 1;
    waiting.set(socket, count);
    response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    if (count !== mostPipelined + 1) return;
    const from = socket.remoteAddress ?? '';
    logger.info({ from, requests: count }, 'a connection is closed: too many requests before an answer');
    // The answers before this one are still owed, so there is no way to say why.
    socket.destroy();
  });
}

/** What is no HTTP, or too much of it, in the words of the registry API as far as there are any. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, phrase, message] = unreadable(error.code ?? '');
  const body = ociErrorBody('UNSUPPORTED', message, '');
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function unreadable(code: string): readonly [number, string, string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [
        431,
        'Request Header Fields Too Large',
        `the request's line and headers have more than ${largestHead} bytes`,
      ];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'Request Timeout', `the headers were not complete after ${headersTimeout / 1000} s`];
    default:
      return [400, 'Bad Request', 'the request is not HTTP/1.1 as it has to be'];
  }
}
