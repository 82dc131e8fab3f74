import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { silentLogger } from '../core/ports/logger.ts';
import { type Rig, rig, scanner } from './samples.ts';
import { createHarborAdapter, type HarborAdapterOptions } from './server.ts';

/** An adapter that listens on loopback over the two ports in memory, and a client that says only what it is told. */
export interface TestAdapter {
  readonly at: Rig;
  send(sent: Sent): Promise<Reply>;
  close(): Promise<void>;
}

export interface Sent {
  readonly method?: string;
  /** With query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}

export const scanPath = '/api/v1/scan';
export const metadataPath = '/api/v1/metadata';
export const reportPath = (id: string, query = '') => `/api/v1/scan/${id}/report${query}`;

export async function startTestAdapter(
  options: Partial<HarborAdapterOptions> = {},
  at: Rig = rig(),
): Promise<TestAdapter> {
  const app = createHarborAdapter({
    engine: at.engine,
    scanner,
    sbom: true,
    registryAuthorization: 'Basic',
    properties: () => ({}),
    authentication: { kind: 'none' },
    registries: null,
    advisories: () => ({ updatedAt: '2026-05-31T00:00:00.000Z', nextUpdateAt: null }),
    logger: silentLogger,
    ...options,
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port was given');
  return {
    at,
    send: (sent) => send(address.port, sent),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function send(port: number, { method, path, headers = {}, body }: Sent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The id in an answer to `POST /scan`. */
export function idOf(reply: Reply): string {
  const { json } = reply;
  if (typeof json === 'object' && json !== null && 'id' in json && typeof json.id === 'string')
    return json.id;
  throw new Error(`no id in ${reply.status} ${reply.text}`);
}
