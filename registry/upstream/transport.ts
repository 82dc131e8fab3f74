import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { errorCode } from '../../core/errors.ts';
import type { UpstreamConfig, UpstreamTimeouts } from './config.ts';
import { type AddressBook, createDispatchers } from './dispatchers.ts';
import { misbehaved, refused, shownUrl, unreachable } from './failures.ts';
import { isDowngrade, isHttp } from './trust.ts';

export interface TransportRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly authorization: string | null;
  readonly signal?: AbortSignal | undefined;
  /** Of PUT and PATCH; what streams is begun anew with every attempt, and has its `content-length` among the headers. */
  readonly body?: Uint8Array | (() => Readable);
}

export interface TransportAnswer {
  readonly status: number;
  /** null where there is none; several of a name are joined by commas. */
  readonly header: (name: string) => string | null;
  readonly body: Dispatcher.ResponseData['body'];
  /** Where the answer came from in the end. */
  readonly url: URL;
}

/** HTTP to one upstream and to where it redirects: pooled, with time limits. */
export interface Transport {
  /** @throws PratiqueError `upstream-unreachable`, `upstream-misbehaved`, `upstream-refused`; the signal's reason */
  send(request: TransportRequest): Promise<TransportAnswer>;
  /** The same, and a redirect is an answer like any other. Where it goes is looked at as if it were one. */
  sendOnce(request: TransportRequest): Promise<TransportAnswer>;
  close(): Promise<void>;
}

const mostRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

export function createTransport(
  config: UpstreamConfig,
  timeouts: UpstreamTimeouts,
  addresses?: AddressBook,
): Transport {
  const dispatchers = createDispatchers(config, timeouts, addresses);

  const once = async (request: TransportRequest): Promise<TransportAnswer> => {
    const { method, url, headers, authorization, signal, body } = request;
    const options = {
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      // Compression would only hide whether the bytes are those of the digest.
      headers: {
        'accept-encoding': 'identity',
        'user-agent': 'pratique',
        ...headers,
        ...(authorization === null ? {} : { authorization }),
      },
      ...(signal === undefined ? {} : { signal }),
    };
    const asked = { upstream: config.name, url };
    dispatchers.check(url, asked);
    const dispatcher = dispatchers.for(url);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await dispatcher.request({
          ...options,
          ...(body === undefined ? {} : { body: typeof body === 'function' ? body() : body }),
        });
        const header = (name: string): string | null => headerOf(answer.headers[name]);
        return { status: answer.statusCode, header, body: answer.body, url };
      } catch (error) {
        signal?.throwIfAborted();
        // A pooled connection that the other side closed in the same moment; asking again does no harm.
        if (attempt === 1 && isClosedConnection(error)) continue;
        throw dispatchers.refusal(error, asked) ?? unreachable(asked, error);
      }
    }
  };

  return {
    async send(request) {
      let { url, authorization } = request;
      for (let followed = 0; ; followed += 1) {
        const answer = await once({ ...request, url, authorization });
        if (!redirects.has(answer.status)) return answer;
        await discard(answer);
        const asked = { upstream: config.name, url };
        if (request.method !== 'GET' && request.method !== 'HEAD') {
          throw misbehaved(asked, `redirected a ${request.method}, which is not followed`);
        }
        if (followed === mostRedirects)
          throw misbehaved(asked, `redirected more than ${mostRedirects} times`);
        const location = answer.header('location');
        if (location === null || !URL.canParse(location, url.href)) {
          throw misbehaved(asked, `answered ${answer.status} without a usable Location`);
        }
        const next = new URL(location, url);
        if (!isHttp(next) || next.username !== '' || next.password !== '') {
          throw misbehaved(
            asked,
            `redirected to ${shownUrl(next)}, which is not a plain http or https address`,
          );
        }
        if (isDowngrade(url, next)) {
          throw refused(asked, `redirected from https to ${shownUrl(next)}, which is not encrypted`);
        }
        if (next.origin !== url.origin) authorization = null;
        url = next;
      }
    },
    sendOnce: once,
    close: () => dispatchers.close(),
  };
}

/** Reads the rest of a body that nobody wants, if it is short, so that its connection can be used again. */
export async function discard(answer: TransportAnswer): Promise<void> {
  try {
    await answer.body.dump({ limit: 64 * 1024, signal: AbortSignal.timeout(1000) });
  } catch {
    // The answer's status has decided already; a body that breaks off changes nothing.
    answer.body.destroy();
  }
}

function headerOf(value: string | string[] | undefined): string | null {
  if (value === undefined) return null;
  return Array.isArray(value) ? value.join(', ') : value;
}

function isClosedConnection(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(errorCode(error) ?? '');
}
