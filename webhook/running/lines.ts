import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { errorText, PratiqueError } from '../../core/errors.ts';
import type { ClusterAccess } from '../cluster/access.ts';

/** Bytes of one line: an object has 1.5 MB in etcd, and more as JSON. */
const longestLine = 16 * 1024 * 1024;
/** Bytes of an answer that is no stream. */
const longestRefusal = 64 * 1024;
/** Milliseconds until a connection that says nothing is asked whether it is still there. */
const keepAliveAfter = 30_000;

export interface LinesAsked {
  readonly access: ClusterAccess;
  /** With its query. */
  readonly path: string;
  readonly signal: AbortSignal;
  /** Milliseconds without a byte after which the connection is given up: one that is half open says nothing for ever. */
  readonly idle: number;
  /** The answer has begun, and its status is 200. */
  readonly onOpen: () => void;
  /** A line without its end; null: one that is too long was left out. What it throws ends it. */
  readonly onLine: (line: string | null) => void;
}

/**
 * Reads an answer line by line as it comes, until the server ends it.
 * @returns its status; where it is not 200 no line was read, and `refusal` holds what came
 * @throws PratiqueError `upstream-unreachable`, what `onLine` throws
 */
export async function readLines(
  asked: LinesAsked,
): Promise<{ readonly status: number; readonly refusal: string }> {
  const { access, path, signal, idle } = asked;
  const unreachable = (error: unknown): PratiqueError =>
    new PratiqueError(
      'upstream-unreachable',
      `the API server ${access.server} cannot be followed: ${errorText(error)}`,
      { server: access.server, path },
      error,
    );
  let response: IncomingMessage;
  try {
    response = await open(access, path, signal, idle);
  } catch (error) {
    throw unreachable(error);
  }
  try {
    if (response.statusCode !== 200) {
      return { status: response.statusCode ?? 0, refusal: await readShort(response) };
    }
    asked.onOpen();
    const lines = new Lines(asked.onLine);
    for await (const chunk of guarded(response, unreachable)) lines.take(chunk);
    return { status: 200, refusal: '' };
  } finally {
    response.destroy();
  }
}

async function* guarded(
  response: IncomingMessage,
  unreachable: (error: unknown) => PratiqueError,
): AsyncGenerator<Buffer> {
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  for (;;) {
    let next: IteratorResult<Buffer>;
    try {
      next = await chunks.next();
    } catch (error) {
      throw unreachable(error);
    }
    if (next.done === true) return;
    yield next.value;
  }
}

async function open(
  access: ClusterAccess,
  path: string,
  signal: AbortSignal,
  idle: number,
): Promise<IncomingMessage> {
  const url = new URL(`${access.server}${path}`);
  const { headers, ...options } = await access.options();
  return await new Promise((resolve, reject) => {
    const make = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const outgoing = make(
      url,
      { ...options, method: 'GET', signal, headers: { ...headers, Accept: 'application/json' } },
      resolve,
    );
    outgoing.setTimeout(idle, () => outgoing.destroy(new Error(`nothing came within ${idle / 1000} s`)));
    outgoing.on('socket', (socket) => socket.setKeepAlive(true, keepAliveAfter));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

async function readShort(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > longestRefusal) break;
  }
  return text.slice(0, longestRefusal);
}

const lineEnd = 0x0a;

/** Puts lines together; bytes of UTF-8 that a chunk cuts are joined before they are read. */
class Lines {
  readonly #onLine: (line: string | null) => void;
  #parts: Buffer[] = [];
  #length = 0;
  #tooLong = false;

  constructor(onLine: (line: string | null) => void) {
    this.#onLine = onLine;
  }

  take(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(lineEnd); end >= 0; end = chunk.indexOf(lineEnd, start)) {
      this.#add(chunk.subarray(start, end));
      this.#end();
      start = end + 1;
    }
    this.#add(chunk.subarray(start));
  }

  #add(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > longestLine) {
      this.#tooLong = true;
      this.#parts = [];
    } else if (part.length > 0) this.#parts.push(part);
  }

  #end(): void {
    const line = this.#tooLong ? null : Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#length = 0;
    this.#tooLong = false;
    if (line !== '') this.#onLine(line);
  }
}
