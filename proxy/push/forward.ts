import type { IncomingMessage, ServerResponse } from 'node:http';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { type UpstreamReach, upstreamAgent } from '../agent.ts';

/** What became of a request at the upstream: its status and the headers that matter; of a refusal its words too. */
export interface Forwarded {
  readonly status: number;
  readonly location: string | null;
  readonly range: string | null;
  readonly retryAfter: string | null;
  /** The beginning of a body that is no success's. */
  readonly words: string;
}

export interface Forwarding {
  /** Path and query at the upstream. */
  readonly target: string;
  readonly authorization: string | null;
  /** Sees every byte of the body that goes on. */
  readonly onData: ((chunk: Buffer) => void) | null;
}

interface Passing extends IncomingMessage {
  forwarding?: Forwarding;
  settle?: { readonly done: (answer: Forwarded) => void; readonly failed: (error: Error) => void };
}

/** Hands the bodies of uploads on to one upstream, as they come. The client is answered by whoever asked for it. */
export interface Forwarder {
  /** @throws PratiqueError `upstream-unreachable` */
  forward(request: IncomingMessage, response: ServerResponse, forwarding: Forwarding): Promise<Forwarded>;
  close(): void;
}

/** Milliseconds without a sign of life. */
const patience = 120_000;
/** Headers of an upload that say what its body is; nothing else of the client's goes on. */
const handedOn = ['content-length', 'content-type', 'content-range', 'transfer-encoding'] as const;
const longestWords = 2000;

export function createForwarder(
  options: UpstreamReach & {
    readonly upstream: string;
    readonly url: string;
  },
): Forwarder {
  const { upstream, url } = options;
  const agent = upstreamAgent(url, options);
  const proxy = createProxyMiddleware<Passing, ServerResponse>({
    target: url,
    agent,
    changeOrigin: true,
    xfwd: false,
    selfHandleResponse: true,
    timeout: patience,
    proxyTimeout: patience,
    pathRewrite: (_path, request) => request.forwarding?.target ?? '/',
    // The library's own would answer the client of a failure before anybody here has seen it.
    ejectPlugins: true,
    plugins: [
      (server) => {
        // Told before the body begins to flow, so that no byte goes by unseen.
        server.on('start', (request) => {
          const { forwarding } = request;
          if (forwarding?.onData != null) request.on('data', forwarding.onData);
        });
        server.on('proxyRes', (incoming, request) => {
          const { settle } = request;
          if (settle === undefined) incoming.destroy();
          else readAnswer(incoming).then(settle.done, settle.failed);
        });
        server.on('error', (error, request) => request.settle?.failed(unreachable(upstream, error)));
      },
    ],
  });
  return {
    forward: (request: Passing, response, forwarding) =>
      new Promise((done, failed) => {
        const { socket } = request;
        const gone = (): void => failed(unreachable(upstream, new Error('the client closed the connection')));
        const settled =
          <Value>(settle: (value: Value) => void) =>
          (value: Value): void => {
            socket.off('close', gone);
            settle(value);
          };
        socket.once('close', gone);
        request.forwarding = forwarding;
        request.settle = { done: settled(done), failed: settled(failed) };
        request.headers = headersOf(request, forwarding.authorization);
        proxy(request, response, (error: unknown) => failed(unreachable(upstream, error))).catch(failed);
      }),
    close: () => agent.destroy(),
  };
}

function headersOf(request: IncomingMessage, authorization: string | null): IncomingMessage['headers'] {
  const headers: IncomingMessage['headers'] = { 'user-agent': 'pratique' };
  for (const name of handedOn) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  return authorization === null ? headers : { ...headers, authorization };
}

async function readAnswer(incoming: IncomingMessage): Promise<Forwarded> {
  const status = incoming.statusCode ?? 0;
  const text = (name: string): string | null => {
    const value = incoming.headers[name];
    return typeof value === 'string' ? value : null;
  };
  let words = '';
  for await (const part of incoming as AsyncIterable<Buffer>) {
    words += part.toString('utf8');
    if (words.length > longestWords) break;
  }
  return {
    status,
    location: text('location'),
    range: text('range'),
    retryAfter: text('retry-after'),
    words: status < 300 ? '' : words.slice(0, longestWords).replace(/\s+/g, ' ').trim(),
  };
}

function unreachable(upstream: string, error: unknown): PratiqueError {
  const why = `the upstream ${upstream} could not be handed a push: ${errorText(error)}`;
  return new PratiqueError('upstream-unreachable', why, { upstream }, error);
}
