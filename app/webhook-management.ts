import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '../core/ports/logger.ts';

/** The management port of a webhook on its own feet: GET /healthz, /readyz, /metrics and /api/v1/status. Changes nothing. */
export function webhookManagement(parts: {
  readonly status: () => {
    readonly ready: boolean;
    readonly notReady: readonly string[];
    readonly replica: object;
  };
  readonly version: string;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly logger: Logger;
}): Server {
  const { status, version, metrics, logger } = parts;
  const answer = async (path: string, response: ServerResponse): Promise<void> => {
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
      default:
        send(response, 404, { error: 'there are /healthz, /readyz, /metrics and /api/v1/status' });
    }
  };
  return createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      send(response, 405, { error: 'nothing can be changed here' });
      return;
    }
    answer((request.url ?? '').split('?')[0] ?? '', response).catch((error: unknown) => {
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
