import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import type { RunningPratique } from './pratique.ts';

export interface GatesAnswer {
  readonly status: number;
  /** Of JSON its value, else the text. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface GatesAsking {
  readonly token?: string;
  /** In place of the token. */
  readonly authorization?: string;
  /** It is a POST then; a text is sent as it is. */
  readonly body?: unknown;
  /** PEM. */
  readonly client?: { readonly cert: string; readonly key: string };
}

/** Asks the port for gates, over TLS by the authority that it has made for itself. */
export function askGates(
  pratique: Pick<RunningPratique, 'ports' | 'dataDir'>,
  path: string,
  { token, authorization, body, client }: GatesAsking = {},
): Promise<GatesAnswer> {
  const said = authorization ?? (token === undefined ? undefined : `Bearer ${token}`);
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port: pratique.ports.gates,
        servername: 'localhost',
        ca: readFileSync(join(pratique.dataDir, 'gates', 'ca.crt')),
        path,
        method: body === undefined ? 'GET' : 'POST',
        ...(client ?? {}),
        headers: {
          ...(said === undefined ? {} : { Authorization: said }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, body: parse(text), headers: response.headers });
        });
      },
    );
    request.on('error', reject);
    request.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
