import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Logger } from '../core/ports/logger.ts';
import { Bodies, type BodyBounds } from './bodies.ts';
import { type Answer, type Door, problem } from './door.ts';

export interface ReceptionOptions {
  readonly doors: readonly Door[];
  readonly bounds: BodyBounds & {
    /** Requests that are being answered at once. */
    readonly requests: number;
  };
  /** Milliseconds of a clock that nobody sets: only differences mean anything. */
  readonly ticks: () => number;
  readonly logger: Logger;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Milliseconds, and bytes, that a client gets to read an answer to a body that nobody wants. */
const dumpedFor = 2000;
const mostDumped = 16 * 1024 * 1024;

/**
 * Takes POSTs to the doors off the server, and leaves everything else to `rest`. The one place where whatever goes wrong
 * with such a request becomes an answer (ADR 0039).
 */
export function receive(options: ReceptionOptions, rest: Listener): Listener {
  const { ticks, logger, bounds } = options;
  const doors = new Map(options.doors.map((door) => [door.path, door]));
  const bodies = new Bodies(bounds);
  let running = 0;

  const answered = async (request: IncomingMessage, door: Door, query: string): Promise<Answer> => {
    const since = ticks();
    const body = await bodies.read(request, door.takes);
    if (!Buffer.isBuffer(body)) return body;
    if (running >= bounds.requests) {
      bodies.release(body);
      return problem(503, 'too many requests at once; try again');
    }
    running += 1;
    try {
      return await door.handle({
        body,
        query: new URLSearchParams(query),
        elapsed: () => ticks() - since,
      });
    } catch (error) {
      logger.error({ err: error, path: door.path }, 'webhook request failed');
      return problem(500, 'an error inside Pratique, see its log');
    } finally {
      running -= 1;
      bodies.release(body);
    }
  };

  return (request, response) => {
    const [path, query] = split(request.url ?? '/');
    const door = request.method === 'POST' ? doors.get(path) : undefined;
    if (door === undefined) {
      rest(request, response);
      return;
    }
    const unfit = unfitClient(request, door) ?? unfitHeaders(request, door.takes);
    const answer = unfit === null ? answered(request, door, query) : Promise.resolve(unfit);
    answer.then(
      (made) => {
        send(request, response, made);
        afterwards(made, logger);
      },
      (error: unknown) => {
        logger.error({ err: error, path }, 'webhook request was left without an answer');
        response.destroy();
      },
    );
  };
}

function split(url: string): readonly [path: string, query: string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

/** null: it may be answered. */
function unfitClient({ socket }: IncomingMessage, door: Door): Answer | null {
  const { clients = null } = door;
  if (door.protocol === undefined && clients === null) return null;
  if (!(socket instanceof TLSSocket)) return problem(403, `${door.takes} is sent over TLS`);
  if (door.protocol !== undefined && socket.getProtocol() !== door.protocol) {
    return problem(403, `${door.takes} is sent over ${door.protocol}`);
  }
  return clients === null || clients.hasSigned(socket)
    ? null
    : problem(
        403,
        `${door.takes} comes from a client whose certificate one of the configured authorities has signed${clients.named ? ', for one of the configured names' : ''}, and that has not ended`,
      );
}

/** null: it may be read. */
function unfitHeaders({ headers }: IncomingMessage, takes: string): Answer | null {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  if (type.trim().toLowerCase() !== 'application/json') {
    return problem(415, `${takes} is application/json`);
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  return encoding.toLowerCase() === 'identity'
    ? null
    : problem(415, `${takes} is application/json without Content-Encoding`);
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.destroyed || response.headersSent) return;
  const { status, type, body } = answer;
  const headers: Record<string, string | number> = {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
  };
  if (status === 503) headers['Retry-After'] = 1;
  // A client whose certificate is another one by now shows that on a connection of its own.
  if (status === 403) headers.Connection = 'close';
  if (!request.complete) {
    // What was not read would be taken for the next request.
    headers.Connection = 'close';
    dump(request);
  }
  response.writeHead(status, headers).end(body);
}

/** A client that still sends does not read: what it sends is thrown away for a moment, so that it sees the answer. */
function dump(request: IncomingMessage): void {
  let bytes = 0;
  const timer = setTimeout(() => request.destroy(), dumpedFor);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostDumped) request.destroy();
  });
  request.once('close', () => clearTimeout(timer));
  // However it ends: its answer is on its way, and the process must not end by it.
  request.on('error', () => undefined);
  request.resume();
}

/** What it is answered does not depend on this any more, and the process must not end by it. */
function afterwards({ after }: Answer, logger: Logger): void {
  try {
    after?.();
  } catch (error) {
    logger.error({ err: error }, 'what was answered could not be told on');
  }
}
