import { type IncomingHttpHeaders, request } from 'node:http';

export interface Answer {
  readonly status: number;
  /** The reason phrase, which is all that a client can show of a refused HEAD. */
  readonly phrase: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Code and message of the first error in the body; empty texts where there is none. */
  readonly code: string;
  readonly message: string;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Ends the client's connection. */
  readonly signal?: AbortSignal;
}

/** One request with its path exactly as given: nothing is normalised on the way. */
export function ask(origin: string, path: string, asking: Asking = {}): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        path,
        method: asking.method ?? 'GET',
        headers: { Connection: 'close', ...asking.headers },
        agent: false,
        ...(asking.signal === undefined ? {} : { signal: asking.signal }),
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(parts);
          resolve({
            status: response.statusCode ?? 0,
            phrase: response.statusMessage ?? '',
            headers: response.headers,
            body,
            ...firstError(body),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(asking.body);
  });
}

function firstError(body: Buffer): { readonly code: string; readonly message: string } {
  const none = { code: '', message: '' };
  if (!body.subarray(0, 10).toString().includes('"errors"')) return none;
  const { errors } = JSON.parse(body.toString()) as { errors: { code: string; message: string }[] };
  return errors[0] ?? none;
}
