import { type ErrorCode, errorCode, errorText, PratiqueError } from '../../core/errors.ts';

type Fields = Readonly<Record<string, string | number | null>>;
/** Characters of an upstream's own words in a message. */
const shownWords = 200;

/** What an upstream was asked for, for messages. */
export interface Asked {
  readonly upstream: string;
  readonly url: URL;
}

/** Without the query: behind redirects it holds signatures that are as good as credentials. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** Nobody answered, or not in time. */
export function unreachable(asked: Asked, error: unknown): PratiqueError {
  const cause = causeOf(error);
  return new PratiqueError(
    'upstream-unreachable',
    `the upstream ${asked.upstream} could not be reached at ${shownUrl(asked.url)}: ${cause}`,
    { upstream: asked.upstream, url: shownUrl(asked.url), cause },
    error,
  );
}

export function misbehaved(asked: Asked, what: string): PratiqueError {
  return failure('upstream-misbehaved', asked, what);
}

export function refused(asked: Asked, what: string, fields: Fields = {}): PratiqueError {
  return failure('upstream-refused', asked, what, fields);
}

/**
 * The failure that a status stands for. The field `said` has the upstream's own words, where it had any.
 * @param absent what 404 means here
 * @param excerpt the upstream's own words, if it had any
 * @param retryAfter seconds
 */
export function statusFailure(
  asked: Asked,
  status: number,
  absent: 'manifest-unknown' | 'blob-unknown',
  excerpt: string,
  retryAfter: number | null,
): PratiqueError {
  const words = excerpt === '' ? '' : ` ("${excerpt.slice(0, shownWords)}")`;
  const fields = { status, ...(excerpt === '' ? {} : { said: excerpt }) };
  switch (status) {
    case 404:
      return failure(absent, asked, `has nothing there${words}`, fields);
    case 401:
    case 403:
      return refused(asked, `answered ${status}${words}; check the credentials for it`, fields);
    case 429:
      return failure('upstream-throttled', asked, `asks to come back later${words}`, {
        ...fields,
        retryAfter,
      });
    default:
      return failure('upstream-misbehaved', asked, `answered ${status}${words}`, fields);
  }
}

function failure(code: ErrorCode, asked: Asked, what: string, fields: Fields = {}): PratiqueError {
  return new PratiqueError(code, `the upstream ${asked.upstream} at ${shownUrl(asked.url)} ${what}`, {
    upstream: asked.upstream,
    url: shownUrl(asked.url),
    ...fields,
  });
}

/** Seconds from now that `Retry-After` says, as a number or as a date (RFC 9110, 10.2.3). */
export function parseRetryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header);
  // Only with a day's name in front: Date.parse takes almost anything for a date.
  const date = /^[A-Z][a-z]{2,8},? /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}

/** Node tries several addresses and hides what became of each. */
function causeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors)) {
    const [first] = error.errors as readonly unknown[];
    if (first !== undefined) return errorText(first);
  }
  const text = errorText(error);
  return text === '' ? (errorCode(error) ?? 'for no known reason') : text;
}
