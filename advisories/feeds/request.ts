import { type Dispatcher, request } from 'undici';
import { errorText, isPratiqueError, PratiqueError } from '../../core/errors.ts';

export interface RequestLimits {
  readonly redirects: number;
  /** Milliseconds without a byte. */
  readonly idle: number;
  /** Milliseconds altogether. */
  readonly total: number;
  /** What connections are made with; left out: directly. */
  readonly dispatcher?: Dispatcher;
}

/** A URL as it may be shown: without user name, password and query. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/**
 * The answer after all redirects; null for 404.
 * @param expected statuses that the caller can do with
 * @throws PratiqueError `upstream-…`
 */
export async function follow(
  start: URL,
  headers: Readonly<Record<string, string>>,
  limits: RequestLimits,
  signal: AbortSignal,
  expected: readonly number[] = [200],
): Promise<Dispatcher.ResponseData | null> {
  let url = start;
  for (let hop = 0; hop <= limits.redirects; hop++) {
    const response = await ask(url, start, headers, limits, signal);
    const { statusCode } = response;
    if (expected.includes(statusCode)) return response;
    await response.body.dump();
    if (statusCode === 404) return null;
    const location = response.headers.location;
    if (![301, 302, 303, 307, 308].includes(statusCode) || typeof location !== 'string') {
      const code = statusCode === 429 ? 'upstream-throttled' : 'upstream-refused';
      throw new PratiqueError(code, `${shownUrl(url)} answered ${statusCode}: what was known before stays`, {
        url: shownUrl(url),
        status: statusCode,
      });
    }
    url = redirected(url, location);
  }
  throw broken(shownUrl(start), `redirects more than ${limits.redirects} times`);
}

/** Bytes of a text that tells where files are. */
const longestText = 1024 * 1024;

/** @throws PratiqueError `upstream-…`, `limit-exceeded`; a 404 is `upstream-refused` */
export async function fetchText(url: URL, limits: RequestLimits): Promise<string> {
  const shown = shownUrl(url);
  const response = await follow(url, {}, limits, AbortSignal.timeout(limits.total));
  if (response === null) throw new PratiqueError('upstream-refused', `${shown} answered 404`, { url: shown });
  const pieces: Buffer[] = [];
  let received = 0;
  try {
    for await (const piece of response.body as AsyncIterable<Buffer>) {
      received += piece.length;
      if (received > longestText) {
        throw new PratiqueError('limit-exceeded', `${shown} is larger than ${longestText} bytes`, {
          url: shown,
        });
      }
      pieces.push(piece);
    }
  } catch (error) {
    if (isPratiqueError(error)) throw error;
    throw broken(shown, `broke off after ${received} bytes: ${errorText(error)}`, error);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function redirected(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href))
    throw broken(shownUrl(from), 'redirects to something that is no URL');
  const to = new URL(location, from);
  const isDowngrade = from.protocol === 'https:' && to.protocol !== 'https:';
  if (isDowngrade || !/^https?:$/.test(to.protocol)) {
    throw broken(shownUrl(from), `redirects to ${to.protocol}//, which is not followed`);
  }
  return to;
}

async function ask(
  url: URL,
  start: URL,
  headers: Readonly<Record<string, string>>,
  limits: RequestLimits,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  // Credentials go to the server they were given for and to no other.
  const named = start.username !== '' && url.origin === start.origin;
  const pair = `${decodeURIComponent(start.username)}:${decodeURIComponent(start.password)}`;
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  try {
    return await request(bare.href, {
      headers: {
        'user-agent': 'pratique',
        accept: '*/*',
        ...headers,
        ...(named ? { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } : {}),
      },
      headersTimeout: limits.idle,
      bodyTimeout: limits.idle,
      signal,
      ...(limits.dispatcher === undefined ? {} : { dispatcher: limits.dispatcher }),
    });
  } catch (error) {
    throw new PratiqueError(
      'upstream-unreachable',
      `${shownUrl(url)} cannot be reached: ${errorText(error)}`,
      { url: shownUrl(url) },
      error,
    );
  }
}

export function broken(url: string, why: string, cause?: unknown): PratiqueError {
  return new PratiqueError('upstream-misbehaved', `${url} ${why}`, { url }, cause);
}
