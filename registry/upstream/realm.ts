import { z } from 'zod';
import { errorText, isPratiqueError } from '../../core/errors.ts';
import type { BasicCredentials, UpstreamTimeouts } from './config.ts';
import { type Asked, misbehaved, parseRetryAfter, statusFailure, unreachable } from './failures.ts';
import { discard, type Transport, type TransportAnswer } from './transport.ts';

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
  upstream: string,
  transport: Pick<Transport, 'sendOnce'>,
  timeouts: UpstreamTimeouts,
  now: () => number,
): RealmClient {
  const get = async (asked: Asked, credentials: BasicCredentials | null) => {
    // Beside the time limits of a silent connection: an end to everything.
    const signal = AbortSignal.timeout(timeouts.connect + timeouts.headers);
    try {
      const answer = await transport.sendOnce({
        method: 'GET',
        url: asked.url,
        headers: { accept: 'application/json' },
        authorization: credentials === null ? null : basicAuthorization(credentials),
        signal,
      });
      return {
        status: answer.status,
        text: answer.status === 200 ? await readText(answer) : await nothing(answer),
        retryAfter: parseRetryAfter(answer.header('retry-after'), now()),
      };
    } catch (error) {
      if (isPratiqueError(error)) throw error;
      throw unreachable(asked, new Error(signal.aborted ? 'no whole answer in time' : errorText(error)));
    }
  };

  return async ({ realm, service, scope, credentials }) => {
    const url = new URL(realm);
    if (service !== null) url.searchParams.set('service', service);
    url.searchParams.set('scope', scope);
    const asked = { upstream, url };
    const answer = await get(asked, credentials);
    // A realm that is not there is the upstream's fault, not a manifest that nobody knows.
    if (answer.status === 404) throw misbehaved(asked, 'answered 404, but a token was to be had there');
    if (answer.status !== 200)
      throw statusFailure(asked, answer.status, 'manifest-unknown', '', answer.retryAfter);
    const parsed = answerSchema.safeParse(parseJson(answer.text));
    const token = parsed.data?.token ?? parsed.data?.access_token;
    if (token === undefined || token === null) throw misbehaved(asked, 'answered without a usable token');
    return { token, lifetime: parsed.data?.expires_in ?? defaultLifetime };
  };
}

export function basicAuthorization(credentials: BasicCredentials): string {
  const pair = `${credentials.username}:${credentials.password}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

async function readText(answer: TransportAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of answer.body) {
    const bytes = chunk as Buffer;
    received += bytes.length;
    if (received > longestAnswer) throw new Error(`it answered with more than ${longestAnswer} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function nothing(answer: TransportAnswer): Promise<string> {
  await discard(answer);
  return '';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
