import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import axios from 'axios';
import { noProxies, type ProxySettings } from '../core/http-proxy.ts';
import { proxiedAgents } from '../core/tunnel.ts';
import { retryAfter } from './backoff.ts';
import { cut } from './message.ts';
import type { Outcome } from './outcome.ts';
import type { HttpTarget, Post } from './post.ts';

/** Milliseconds until an attempt is given up. */
const patience = 10_000;
/** Bytes of an answer that are read. */
const longestAnswer = 64 * 1024;

export type Poster = (post: Post, signal: AbortSignal) => Promise<Outcome>;

/** Posts to one receiver. Redirects are not followed: what is sent, and its secrets, go to nobody else. */
export function createPoster(
  target: HttpTarget,
  now: () => number,
  timeout = patience,
  proxies: ProxySettings = noProxies,
): Poster {
  const tls = target.ca === null ? {} : { ca: [...rootCertificates, target.ca] };
  const http = axios.create({
    timeout,
    maxRedirects: 0,
    maxContentLength: longestAnswer,
    responseType: 'text',
    transformRequest: [(data: unknown) => data],
    transformResponse: [],
    validateStatus: () => true,
    proxy: false,
    ...(proxiedAgents(target.url, proxies, tls) ??
      (target.ca === null ? {} : { httpsAgent: new HttpsAgent(tls) })),
  });

  return async ({ url, headers, body }, signal) => {
    try {
      const answer = await http.post<unknown>(url, body, {
        headers,
        // Beside `timeout`, which is about silence: an end to everything.
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      });
      const asked: unknown = answer.headers['retry-after'];
      return outcomeOf(
        answer.status,
        String(answer.data ?? ''),
        typeof asked === 'string' ? asked : null,
        now(),
      );
    } catch (error) {
      // The error itself holds the address and the headers.
      return { kind: 'retry', problem: problemOf(error), after: null, answered: false };
    }
  };
}

/** 408 and 429 pass; any other 4xx says that this message will never be taken (RFC 9110, section 15.5). */
function outcomeOf(status: number, text: string, asked: string | null, now: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status >= 300 && status < 400) {
    const problem = `answered ${status}, a redirect, which is not followed`;
    return { kind: 'retry', problem, after: null, answered: true };
  }
  const words = cut(text.trim(), 200);
  const problem = `answered ${status}${words === '' ? '' : `: ${words}`}`;
  const passing = status < 400 || status >= 500 || status === 408 || status === 429;
  if (!passing) return { kind: 'refused', problem };
  return { kind: 'retry', problem, after: retryAfter(asked, now), answered: true };
}

function problemOf(error: unknown): string {
  if (!axios.isAxiosError(error))
    return `cannot be asked: ${error instanceof Error ? error.name : 'unknown'}`;
  const late = ['ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED'].includes(error.code ?? '');
  return late ? 'did not answer in time' : `cannot be reached: ${error.code ?? 'no answer'}`;
}
