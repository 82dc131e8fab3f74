import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { errorText, isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { ClusterAccess } from './access.ts';

/** One request to an API server. */
export interface ClusterCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Such as `/api/v1/pods`; names in it are encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Of the body; `application/json` if left out. */
  readonly type?: string;
  /** For the whole of it; 10 s if left out. */
  readonly milliseconds?: number;
  /** Bytes of the answer; 64 MiB if left out. A longer one is `upstream-misbehaved` with the field `tooLong`. */
  readonly longest?: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

export interface ClusterAnswer {
  readonly status: number;
  /** Of JSON; the text where it is none. */
  readonly body: unknown;
  /** What the API server and webhooks say to people, of `Warning` headers (RFC 9111, section 5.5). */
  readonly warnings: readonly string[];
  /** The API server's clock, milliseconds since 1970; null: it does not say. */
  readonly date: number | null;
}

/** Asks one API server. */
export interface ClusterClient {
  readonly server: string;
  /**
   * Any status is an answer.
   * @throws PratiqueError `config-invalid` (credentials cannot be read), `upstream-unreachable`, `upstream-misbehaved`
   */
  call(call: ClusterCall): Promise<ClusterAnswer>;
}

const usualTime = 10_000;
/** Bytes of one answer: a page of a list. */
const longestAnswer = 64 * 1024 * 1024;

export function clusterClient(access: ClusterAccess): ClusterClient {
  return {
    get server() {
      return access.server;
    },
    call: async (call) => {
      try {
        return await send(access, call);
      } catch (error) {
        if (isPratiqueError(error)) throw error;
        throw new PratiqueError(
          'upstream-unreachable',
          `the API server ${access.server} cannot be asked: ${errorText(error)}`,
          { server: access.server, path: call.path },
          error,
        );
      }
    },
  };
}

async function send(access: ClusterAccess, call: ClusterCall): Promise<ClusterAnswer> {
  const { method, path, query = {}, body, type = 'application/json', milliseconds = usualTime } = call;
  const url = new URL(`${access.server}${path}`);
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  const { headers, ...options } = await access.options();
  const text = body === undefined ? null : JSON.stringify(body);
  const timeout = AbortSignal.timeout(milliseconds);
  const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]);
  return await new Promise<ClusterAnswer>((resolve, reject) => {
    const make = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const outgoing = make(
      url,
      {
        ...options,
        method,
        signal,
        headers: {
          ...headers,
          Accept: 'application/json',
          ...(text === null
            ? {}
            : { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(text)) }),
        },
      },
      (response) => {
        read(response, access.server, call.longest ?? longestAnswer).then(resolve, reject);
      },
    );
    outgoing.on('error', (error) =>
      reject(timeout.aborted ? new Error(`no answer within ${milliseconds / 1000} s`) : error),
    );
    outgoing.end(text ?? undefined);
  });
}

async function read(response: IncomingMessage, server: string, longest: number): Promise<ClusterAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longest) {
      response.destroy();
      throw new PratiqueError(
        'upstream-misbehaved',
        `an answer of the API server ${server} has more than ${longest / 1024 ** 2} MiB`,
        { server, tooLong: true },
      );
    }
    chunks.push(chunk);
  }
  const date = Date.parse(response.headers.date ?? '');
  return {
    status: response.statusCode ?? 0,
    body: parsed(Buffer.concat(chunks).toString('utf8'), response, server),
    warnings: (response.headersDistinct.warning ?? []).flatMap(warningsIn),
    date: Number.isNaN(date) ? null : date,
  };
}

function parsed(text: string, response: IncomingMessage, server: string): unknown {
  // What the API server passes on of others, such as a webhook's readiness, may be anything.
  if (!(response.headers['content-type'] ?? '').includes('json')) return text;
  try {
    return text === '' ? null : JSON.parse(text);
  } catch (error) {
    // A failure's page or plain text: its words are as good as any.
    if ((response.statusCode ?? 0) >= 400) return text;
    throw new PratiqueError(
      'upstream-misbehaved',
      `an answer of the API server ${server} cannot be read: ${errorText(error)}`,
      { server },
      error,
    );
  }
}

const warning = /299 \S+ "((?:[^"\\]|\\.)*)"/g;

/** One header may hold several. */
function warningsIn(header: string): string[] {
  return [...header.matchAll(warning)].map((match) => (match[1] ?? '').replace(/\\(.)/g, '$1'));
}
