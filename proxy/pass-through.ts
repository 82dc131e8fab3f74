import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { errorText, isPratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import { ociErrorOf } from '../registry/oci-error.ts';
import type { UpstreamClient } from '../registry/upstream/client.ts';
import type { PassOn } from './context.ts';
import { sendError } from './respond.ts';

/** Milliseconds until an upstream that says nothing is given up. */
const patience = 30_000;

interface Passing extends IncomingMessage {
  passOn?: { readonly pass: PassOn; readonly authorization: string | null };
}

/**
 * Passes lists (tags, referrers) on to one upstream and back unchanged but for links. What the client sent as
 * credentials stays here; the upstream sees its own token.
 */
export function createPassThrough(options: {
  readonly upstreamUrl: string;
  /** PEM of the upstream's own authority; null: the system's. */
  readonly ca: string | null;
  readonly client: UpstreamClient;
  readonly logger: Logger;
}): (request: IncomingMessage, response: ServerResponse, pass: PassOn) => void {
  const { upstreamUrl, ca, client, logger } = options;
  const agent = upstreamUrl.startsWith('https:')
    ? new HttpsAgent({ keepAlive: true, ...(ca === null ? {} : { ca }) })
    : new HttpAgent({ keepAlive: true });
  const proxy = createProxyMiddleware<Passing, ServerResponse>({
    target: upstreamUrl,
    agent,
    changeOrigin: true,
    xfwd: false,
    timeout: patience,
    proxyTimeout: patience,
    pathRewrite: (_path, request) => `/v2/${request.passOn?.pass.target ?? ''}`,
    on: {
      proxyReq: (outgoing: ClientRequest, request) => {
        for (const header of ['authorization', 'cookie', 'x-forwarded-for']) outgoing.removeHeader(header);
        const authorization = request.passOn?.authorization ?? null;
        if (authorization !== null) outgoing.setHeader('Authorization', authorization);
      },
      proxyRes: (incoming, request) => {
        delete incoming.headers['set-cookie'];
        // Where a list moved to is not for the client to follow: it would leave the proxy.
        if ((incoming.statusCode ?? 500) >= 300 && (incoming.statusCode ?? 500) < 400) {
          incoming.statusCode = 404;
          delete incoming.headers.location;
        }
        const { link } = incoming.headers;
        const prefix = request.passOn?.pass.prefix ?? '';
        if (typeof link === 'string') incoming.headers.link = link.replace('</v2/', `</v2/${prefix}`);
      },
      error: (error, request, response) => {
        logger.warn({ url: request.url, why: errorText(error) }, 'upstream could not be asked');
        if ('writeHead' in response) {
          sendError(response, request.method ?? 'GET', {
            status: 403,
            code: 'DENIED',
            message: `${request.passOn?.pass.upstream ?? 'the upstream'} could not be asked: ${errorText(error)}`,
          });
        }
      },
    },
  });

  const pass = async (request: Passing, response: ServerResponse, passOn: PassOn): Promise<void> => {
    try {
      request.passOn = { pass: passOn, authorization: await client.authorization(passOn.path) };
      await proxy(request, response, () => undefined);
    } catch (error) {
      if (!isPratiqueError(error)) logger.error({ url: request.url, err: error }, 'passing on failed');
      sendError(
        response,
        request.method ?? 'GET',
        isPratiqueError(error)
          ? ociErrorOf(error)
          : { status: 403, code: 'DENIED', message: 'the upstream could not be asked' },
      );
    }
  };
  return (request, response, passOn) => {
    pass(request, response, passOn).catch((error: unknown) =>
      logger.error({ err: error }, 'answer could not be written'),
    );
  };
}
