import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '../core/ports/logger.ts';

/** Of what runs. */
const usualRows = 100;
const mostRows = 5000;

/** The management port of a webhook on its own feet: GET /healthz, /readyz, /metrics, /api/v1/status and /api/v1/running. Changes nothing. */
export function webhookManagement(parts: {
  readonly status: () => {
    readonly ready: boolean;
    readonly notReady: readonly string[];
    readonly replica: object;
  };
  /** What runs in the cluster, in so many rows; null: nobody has asked for that. */
  readonly running: (limit: number) => object | null;
  readonly version: string;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly logger: Logger;
}): Server {
  const { status, running, version, metrics, logger } = parts;
  const answer = async (path: string, query: URLSearchParams, response: ServerResponse): Promise<void> => {
    switch (path) {
      case '/healthz':
        send(response, 200, { status: 'ok' });
        return;
      case '/readyz': {
        const { ready, notReady, replica } = status();
        send(response, ready ? 200 : 503, { ready, reasons: notReady, replica });
        return;
      }
      case '/api/v1/status':
        send(response, 200, { version, roles: ['webhook'], ...status() });
        return;
      case '/metrics': {
        const { contentType, text } = await metrics();
        response.writeHead(200, { ...headers, 'Content-Type': contentType }).end(text);
        return;
      }
      case '/api/v1/running': {
        const limit = query.get('limit') ?? String(usualRows);
        if (!/^[0-9]{1,4}$/.test(limit) || Number(limit) > mostRows) {
          send(response, 400, { error: `"limit" is not a whole number from 0 to ${mostRows}` });
          return;
        }
        const seen = running(Number(limit));
        if (seen === null) send(response, 404, { error: 'webhook.running is not configured' });
        else send(response, 200, { schemaVersion: 1, ...seen });
        return;
      }
      default:
        send(response, 404, {
          error: 'there are /healthz, /readyz, /metrics, /api/v1/status and /api/v1/running',
        });
    }
  };
  return createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      send(response, 405, { error: 'nothing can be changed here' });
      return;
    }
    const [path = '', query] = (request.url ?? '').split('?');
    answer(path, new URLSearchParams(query), response).catch((error: unknown) => {
      logger.error({ err: error }, 'a request to the management port failed');
      if (response.headersSent) response.destroy();
      else send(response, 500, { error: 'an error inside Pratique, see its log' });
    });
  });
}

const headers = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { ...headers, 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
