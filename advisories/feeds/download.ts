import { createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Dispatcher, request } from 'undici';
import { errorText, PratiqueError } from '../../core/errors.ts';

export interface DownloadLimits {
  readonly bytes: number;
  readonly redirects: number;
  /** Milliseconds without a byte. */
  readonly idle: number;
  /** Milliseconds altogether. */
  readonly total: number;
}

export const downloadLimits: DownloadLimits = {
  bytes: 2 * 1024 * 1024 * 1024,
  redirects: 5,
  idle: 60_000,
  total: 30 * 60_000,
};

export type Download =
  | { readonly found: false }
  | { readonly found: true; readonly lastModified: Date | null };

/** A URL as it may be shown: without user name, password and query. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/**
 * Fetches a URL into a file. 404 is the one answer that means "it is not there".
 * @throws PratiqueError `upstream-…`, `limit-exceeded`
 */
export async function download(url: URL, file: string, limits = downloadLimits): Promise<Download> {
  const signal = AbortSignal.timeout(limits.total);
  const response = await follow(url, limits, signal);
  if (response === null) return { found: false };
  const shown = shownUrl(url);
  let received = 0;
  const bounded = new Transform({
    transform(piece: Buffer, _encoding, done) {
      received += piece.length;
      if (received <= limits.bytes) return done(null, piece);
      done(
        new PratiqueError('limit-exceeded', `${shown} is larger than ${limits.bytes} bytes`, { url: shown }),
      );
    },
  });
  try {
    await pipeline(response.body, bounded, createWriteStream(file), { signal });
  } catch (error) {
    if (error instanceof PratiqueError) throw error;
    throw broken(shown, `broke off after ${received} bytes: ${errorText(error)}`, error);
  }
  const stated = response.headers['last-modified'];
  const lastModified = typeof stated === 'string' ? new Date(stated) : null;
  return {
    found: true,
    lastModified: lastModified === null || Number.isNaN(lastModified.getTime()) ? null : lastModified,
  };
}

/** The answer after all redirects; null for 404. */
async function follow(
  start: URL,
  limits: DownloadLimits,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData | null> {
  let url = start;
  for (let hop = 0; hop <= limits.redirects; hop++) {
    const response = await ask(url, start, limits, signal);
    const { statusCode } = response;
    if (statusCode === 200) return response;
    await response.body.dump();
    if (statusCode === 404) return null;
    const location = response.headers.location;
    if (![301, 302, 303, 307, 308].includes(statusCode) || typeof location !== 'string') {
      const code = statusCode === 429 ? 'upstream-throttled' : 'upstream-refused';
      throw new PratiqueError(
        code,
        `${shownUrl(url)} answered ${statusCode}: the advisories were not updated, the old ones stay`,
        { url: shownUrl(url), status: statusCode },
      );
    }
    url = redirected(url, location);
  }
  throw broken(shownUrl(start), `redirects more than ${limits.redirects} times`);
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
  limits: DownloadLimits,
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
        ...(named ? { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } : {}),
      },
      headersTimeout: limits.idle,
      bodyTimeout: limits.idle,
      signal,
    });
  } catch (error) {
    throw new PratiqueError(
      'upstream-unreachable',
      `${shownUrl(url)} cannot be reached: ${errorText(error)}. The advisories were not updated`,
      { url: shownUrl(url) },
      error,
    );
  }
}

function broken(url: string, why: string, cause?: unknown): PratiqueError {
  return new PratiqueError('upstream-misbehaved', `${url} ${why}`, { url }, cause);
}
