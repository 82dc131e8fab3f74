import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import axios from 'axios';
import { noProxies, type ProxySettings } from '../../core/http-proxy.ts';
import { proxiedAgents } from '../../core/tunnel.ts';
import { type Asked, noAnswer, notHarbor, redirected, refusal } from './failures.ts';

export interface HarborConnection {
  /** Scheme, host and port alone. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** PEM of an authority to trust beside the public ones. */
  readonly ca: string | null;
  /** Left out: none. */
  readonly proxies?: ProxySettings;
}

export interface HarborAnswer {
  /** null where Harbor sent none. */
  readonly body: unknown;
  /** `Date`, milliseconds since 1970. */
  readonly date: number | null;
  readonly location: string | null;
  /** `X-Total-Count`. */
  readonly total: number | null;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH';

/** `path` is below /api/v2.0. Throws PratiqueError `harbor-unreachable`, `harbor-refused`, `harbor-misbehaved`. */
export type HarborClient = (method: Method, path: string, body?: unknown) => Promise<HarborAnswer>;

/** Harbor itself waits for up to 5 s for each scanner that it lists, milliseconds. */
const patience = 15_000;
const longestAnswer = 16 * 1024 * 1024;

/**
 * Speaks to Harbor's API with Basic authentication on every request and keeps no cookie: without a session
 * Harbor asks for no CSRF token. Redirects are refused, for the password must not follow them.
 */
export function createHarborClient(connection: HarborConnection, timeout = patience): HarborClient {
  const { proxies = noProxies } = connection;
  const tls = connection.ca === null ? {} : { ca: [...rootCertificates, connection.ca] };
  const http = axios.create({
    baseURL: `${connection.url}/api/v2.0`,
    timeout,
    maxRedirects: 0,
    maxContentLength: longestAnswer,
    responseType: 'text',
    transformResponse: [],
    validateStatus: () => true,
    proxy: false,
    auth: { username: connection.username, password: connection.password },
    // A project's name may be a number, which Harbor would take for an id.
    headers: { Accept: 'application/json', 'X-Is-Resource-Name': 'true' },
    ...(proxiedAgents(connection.url, proxies, tls) ??
      (connection.ca === null ? {} : { httpsAgent: new HttpsAgent(tls) })),
  });

  return async (method, path, body) => {
    const asked: Asked = { harbor: connection.url, method, path, patience: timeout / 1000 };
    const answer = await http
      .request<unknown>({
        method,
        url: path,
        ...(body === undefined ? {} : { data: body }),
        // Beside `timeout`, which is about silence: an end to everything.
        signal: AbortSignal.timeout(timeout),
      })
      .catch((error: unknown) => {
        throw noAnswer(asked, error);
      });
    const header = (name: string): string | null => {
      const value: unknown = answer.headers[name];
      return typeof value === 'string' ? value : null;
    };
    const text = String(answer.data ?? '').trim();
    if (answer.status >= 300 && answer.status < 400)
      throw redirected(asked, answer.status, header('location') ?? '');
    if (answer.status >= 400)
      throw refusal(asked, connection.username, answer.status, messageOf(text, header('content-type') ?? ''));
    const date = Date.parse(header('date') ?? '');
    const total = header('x-total-count');
    return {
      body: text === '' ? null : parseBody(asked, text, header('content-type') ?? ''),
      date: Number.isNaN(date) ? null : date,
      location: header('location'),
      total: total !== null && /^[0-9]{1,9}$/.test(total) ? Number(total) : null,
    };
  };
}

function parseBody(asked: Asked, text: string, type: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw notHarbor(asked, isPage(text, type) ? 'a web page instead of JSON' : 'something that is not JSON');
  }
}

/** Harbor's errors are `{errors: [{code, message}]}`; anything else that is short text is told as it is. */
function messageOf(text: string, type: string): string {
  if (isPage(text, type)) return 'a web page, so what answers there may not be Harbor';
  try {
    const body = JSON.parse(text) as { readonly errors?: readonly { readonly message?: unknown }[] } | null;
    const messages = body?.errors?.map(({ message }) => message).filter((part) => typeof part === 'string');
    return messages === undefined || messages.length === 0 ? text : messages.join('; ');
  } catch {
    return text;
  }
}

function isPage(text: string, type: string): boolean {
  return type.startsWith('text/html') || /^<(?:!doctype|html)/i.test(text);
}
