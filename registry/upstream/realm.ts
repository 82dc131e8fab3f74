import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import axios from 'axios';
import { z } from 'zod';
import type { BasicCredentials, UpstreamConfig, UpstreamTimeouts } from './config.ts';
import { misbehaved, parseRetryAfter, statusFailure, unreachable } from './failures.ts';

/** Asks a token realm; made once per upstream. */
export type RealmClient = (request: {
  readonly realm: URL;
  readonly service: string | null;
  readonly scope: string;
  /** null: as nobody. */
  readonly credentials: BasicCredentials | null;
}) => Promise<{ readonly token: string; readonly lifetime: number }>;

/** Seconds, where the answer does not say (distribution's token specification). */
const defaultLifetime = 60;
const longestLifetime = 24 * 3600;
const longestAnswer = 256 * 1024;

/** What goes into a header later must not be able to end it. */
const tokenText = z
  .string()
  .max(64 * 1024)
  .regex(/^[\x21-\x7e]+$/);

/** Empty is as good as missing: Harbor gives `token`, and an empty `access_token` beside it. */
const perhapsToken = z
  .union([tokenText, z.literal('')])
  .nullish()
  .transform((text) => (text === '' ? null : text));

const answerSchema = z.object({
  token: perhapsToken,
  access_token: perhapsToken,
  expires_in: z.number().nonnegative().max(longestLifetime).nullish().catch(null),
});

/**
 * The realm's client: `token` or `access_token`, `lifetime` in seconds.
 * It throws PratiqueError `upstream-refused`, `upstream-throttled`, `upstream-misbehaved`, `upstream-unreachable`.
 */
export function createRealmClient(
  config: UpstreamConfig,
  timeouts: UpstreamTimeouts,
  now: () => number,
): RealmClient {
  const http = axios.create({
    timeout: timeouts.headers,
    maxRedirects: 0,
    maxContentLength: longestAnswer,
    responseType: 'text',
    transformResponse: [],
    validateStatus: () => true,
    proxy: false,
    ...(config.ca === undefined
      ? {}
      : { httpsAgent: new HttpsAgent({ ca: [...rootCertificates, config.ca] }) }),
  });

  const get = async (url: URL, credentials: BasicCredentials | null) => {
    const answer = await http.get<unknown>(url.href, {
      headers: credentials === null ? {} : { Authorization: basicAuthorization(credentials) },
      // Beside `timeout`, which is about silence: an end to everything.
      signal: AbortSignal.timeout(timeouts.connect + timeouts.headers),
    });
    const retryAfter: unknown = answer.headers['retry-after'];
    return {
      status: answer.status,
      data: answer.data,
      retryAfter: parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : null, now()),
    };
  };

  return async ({ realm, service, scope, credentials }) => {
    const url = new URL(realm);
    if (service !== null) url.searchParams.set('service', service);
    url.searchParams.set('scope', scope);
    const asked = { upstream: config.name, url };
    const answer = await get(url, credentials).catch((error: unknown) => {
      throw unreachable(asked, plainError(error));
    });
    // A realm that is not there is the upstream's fault, not a manifest that nobody knows.
    if (answer.status === 404) throw misbehaved(asked, 'answered 404, but a token was to be had there');
    if (answer.status !== 200)
      throw statusFailure(asked, answer.status, 'manifest-unknown', '', answer.retryAfter);
    const parsed = answerSchema.safeParse(parseJson(answer.data));
    const token = parsed.data?.token ?? parsed.data?.access_token;
    if (token === undefined || token === null) throw misbehaved(asked, 'answered without a usable token');
    return { token, lifetime: parsed.data?.expires_in ?? defaultLifetime };
  };
}

export function basicAuthorization(credentials: BasicCredentials): string {
  const pair = `${credentials.username}:${credentials.password}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** Axios hangs the whole request on its errors, Authorization header included; only the words may go on. */
function plainError(error: unknown): Error {
  return new Error(error instanceof Error ? error.message : String(error));
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return null;
  }
}
