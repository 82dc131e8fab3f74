import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import axios, { type AxiosInstance } from 'axios';
import { errorText, PratiqueError } from '../core/errors.ts';
import type { ProxySettings } from '../core/http-proxy.ts';
import { proxiedAgents } from '../core/tunnel.ts';
import { largestReport } from './program.ts';

/** Milliseconds for one request to a scanner's server; scans take longer, requests do not. */
const patience = 60_000;

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly header: (name: string) => string | null;
}

export interface HttpQuestion {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** Asks a scanner's server. Redirects are not followed, since rights would go along. */
export type AskServer = (question: HttpQuestion) => Promise<HttpAnswer>;

/**
 * @param url everything before the paths
 * @param ca PEM of an authority to trust beside the public ones
 * Rejects with `scanner-unavailable` where nothing answers.
 */
export function askServer(url: string, ca: string | null, proxies: ProxySettings): AskServer {
  const tls = ca === null ? {} : { ca: [...rootCertificates, ca] };
  const http: AxiosInstance = axios.create({
    timeout: patience,
    maxRedirects: 0,
    maxContentLength: largestReport,
    responseType: 'arraybuffer',
    transformResponse: [],
    transformRequest: [],
    validateStatus: () => true,
    proxy: false,
    ...(proxiedAgents(url, proxies, tls) ?? (ca === null ? {} : { httpsAgent: new HttpsAgent(tls) })),
  });
  return async ({ method, path, headers, body, signal }) => {
    // Beside `timeout`, which is about silence: an end to everything.
    const end = AbortSignal.timeout(patience);
    const answer = await http
      .request<Buffer>({
        method,
        url: `${url}${path}`,
        headers,
        ...(body === undefined ? {} : { data: body }),
        signal: signal === undefined ? end : AbortSignal.any([signal, end]),
      })
      .catch((error: unknown) => {
        // Not handed on as the cause: it holds the request, rights included.
        throw new PratiqueError('scanner-unavailable', `${url} does not answer: ${errorText(error)}`, {
          url,
        });
      });
    return {
      status: answer.status,
      body: Buffer.from(answer.data),
      header: (name) => {
        const value: unknown = answer.headers[name];
        return typeof value === 'string' ? value : null;
      },
    };
  };
}
