import type { IncomingMessage, ServerResponse } from 'node:http';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { errorText, PratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import { ociErrorOf } from '../registry/oci-error.ts';
import type { UpstreamClient } from '../registry/upstream/client.ts';
import { type UpstreamReach, upstreamAgent } from './agent.ts';
import type { PassOn } from './context.ts';
import { type ErrorAnswer, sendError } from './respond.ts';
import { passTags } from './tag-list.ts';

/** Milliseconds until an upstream that says nothing is given up. */
const patience = 30_000;

/** What a client learns of an upstream's headers; all others could lead it, or its credentials, past the proxy. */
const shownHeaders = [
  'content-type',
  'content-length',
  'oci-filters-applied',
  'docker-distribution-api-version',
] as const;

/** Bytes of a refusal's body that are read so that the connection can be used again. */
const drainLimit = 64 * 1024;

interface Passing extends IncomingMessage {
  passOn?: PassOn;
}

export interface PassThrough {
  /**
   * Settles when the answer is out or the client is gone.
   * @throws PratiqueError where no authorization could be had; nothing was answered then
   */
  pass(request: IncomingMessage, response: ServerResponse, passOn: PassOn): Promise<void>;
  /** Ends the connections to the upstream. */
  close(): void;
}

/**
 * Passes lists of tags on to one upstream and back. What the client sent as credentials stays here;
 * the upstream sees its own token. Only 200 comes back as it is, and of that only what a list needs.
 */
export function createPassThrough(
  options: UpstreamReach & {
    readonly upstreamUrl: string;
    readonly client: UpstreamClient;
    readonly logger: Logger;
  },
): PassThrough {
  const { upstreamUrl, client, logger } = options;
  const agent = upstreamAgent(upstreamUrl, options);

  const proxy = createProxyMiddleware<Passing, ServerResponse>({
    target: upstreamUrl,
    agent,
    changeOrigin: true,
    xfwd: false,
    selfHandleResponse: true,
    timeout: patience,
    proxyTimeout: patience,
    pathRewrite: (_path, request) => `/v2/${request.passOn?.target ?? ''}`,
    on: {
      proxyRes: (incoming, request, response) => {
        const { passOn } = request;
        const refusal = passOn === undefined ? unasked : refusalOf(incoming, passOn.upstream);
        if (passOn === undefined || refusal !== null) {
          discard(incoming);
          sendError(response, request.method ?? 'GET', refusal ?? unasked);
          return;
        }
        const method = request.method ?? 'GET';
        const headers = listHeaders(incoming, upstreamUrl, passOn);
        const query = new URL(`/v2/${passOn.target}`, upstreamUrl).searchParams;
        const { upstream, name } = passOn;
        passTags(incoming, response, { method, upstream, headers, query, name }).catch((error: unknown) => {
          const why = errorText(error);
          logger.info({ upstream, why }, 'list ended early');
          const message = `the upstream ${upstream} broke off its list: ${why}`;
          sendError(response, method, { status: 403, code: 'DENIED', message });
        });
      },
      error: (error, request, response) => {
        const name = request.passOn?.upstream ?? 'the upstream';
        logger.warn({ upstream: name, why: errorText(error) }, 'upstream could not be asked');
        if (!('writeHead' in response)) return;
        const message = `${name} could not be asked: ${errorText(error)}`;
        sendError(response, request.method ?? 'GET', { status: 403, code: 'DENIED', message });
      },
    },
  });

  return {
    async pass(request: Passing, response, passOn) {
      if (hasBody(request)) {
        const message = 'the request for a list has a body: send it without';
        sendError(response, request.method ?? 'GET', { status: 400, code: 'UNSUPPORTED', message });
        return;
      }
      const authorization = await client.authorization(passOn.path);
      if (request.socket.destroyed) return;
      request.passOn = passOn;
      const { accept, 'user-agent': agentName } = request.headers;
      // Set here, not on the outgoing request: with `Expect` http-proxy never shows that one before it is sent.
      request.headers = {
        ...(accept === undefined ? {} : { accept }),
        ...(agentName === undefined ? {} : { 'user-agent': agentName }),
        ...(authorization === null ? {} : { authorization }),
      };
      const leave = await client.enter(passOn.path);
      await new Promise<void>((resolve, reject) => {
        const { socket } = request;
        const over = (): void => {
          // A response that waits behind another one on its connection is never told that the connection ended.
          socket.off('close', over);
          response.off('close', over);
          resolve();
        };
        socket.once('close', over);
        response.once('close', over);
        proxy(request, response, (error: unknown) => reject(error)).catch(reject);
      }).finally(leave);
    },
    close: () => agent.destroy(),
  };
}

const unasked: ErrorAnswer = {
  status: 403,
  code: 'DENIED',
  message: 'the upstream answered what nobody asked',
};

/** Without its headers a body would stand on the upstream's connection as a request of its own. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** What to say instead of the upstream's answer; null where that is a list. */
function refusalOf(incoming: IncomingMessage, upstream: string): ErrorAnswer | null {
  const status = incoming.statusCode ?? 0;
  const said = `the upstream ${upstream} answered ${status}`;
  if (status === 404) return { status: 404, code: 'NAME_UNKNOWN', message: said };
  if (status === 429) {
    const retryAfter = Number(incoming.headers['retry-after'] ?? Number.NaN);
    return ociErrorOf(new PratiqueError('upstream-throttled', said, { retryAfter }));
  }
  if (status !== 200) return { status: 403, code: 'DENIED', message: said };
  const encoding = incoming.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return null;
  const message = `${said} in the encoding "${encoding}", which was not asked for`;
  return { status: 403, code: 'DENIED', message };
}

function discard(incoming: IncomingMessage): void {
  incoming.on('error', () => undefined);
  if (Number(incoming.headers['content-length'] ?? Number.NaN) <= drainLimit) incoming.resume();
  else incoming.destroy();
}

function listHeaders(incoming: IncomingMessage, upstreamUrl: string, passOn: PassOn): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of shownHeaders) {
    const value = incoming.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  const next = nextLink(incoming.headers.link, upstreamUrl, passOn);
  if (next !== null) headers.link = next;
  return headers;
}

/** The next page by this proxy's own path; null where it is elsewhere than in the repository that was asked for. */
function nextLink(link: string | string[] | undefined, upstreamUrl: string, passOn: PassOn): string | null {
  const given = /<([^<>]*)>\s*;\s*rel="?next"?/i.exec(String(link ?? ''))?.[1];
  const asked = new URL(`/v2/${passOn.target}`, upstreamUrl);
  if (given === undefined || !URL.canParse(given, asked.href)) return null;
  const { origin, pathname, search } = new URL(given, asked);
  const repository = `/v2/${passOn.path}/`;
  if (origin !== asked.origin || !pathname.startsWith(repository)) return null;
  return `</v2/${passOn.name}/${pathname.slice(repository.length)}${search}>; rel="next"`;
}
