import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { errorCode, errorText, isPratiqueError, PratiqueError } from '../../core/errors.ts';
import { broken, follow, type RequestLimits, shownUrl } from './request.ts';

export interface DownloadLimits extends RequestLimits {
  readonly bytes: number;
  /** How often a transfer that broke off is taken up again, and milliseconds before that. */
  readonly resumptions: number;
  readonly pause: number;
}

export const downloadLimits: DownloadLimits = {
  bytes: 2 * 1024 * 1024 * 1024,
  redirects: 5,
  idle: 60_000,
  total: 30 * 60_000,
  resumptions: 3,
  pause: 1000,
};

/** What tells one version of a file from another (RFC 9110, 8.8). */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export type Download =
  | { readonly kind: 'absent' }
  /** It is what the validators say that the caller has. */
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly lastModified: Date | null;
      readonly validators: Validators;
    };

export interface DownloadOptions {
  /** Where the file comes to lie; there. */
  readonly folder: string;
  readonly limits: DownloadLimits;
  /** The caller's version: one that is the same is not sent again. */
  readonly known?: Validators | null;
  readonly onBytes?: (received: number, total: number | null) => void;
}

/**
 * Fetches a URL into a file of the folder. A transfer that breaks off is taken up where it ended, now and by the next
 * call, as long as the server still has the same version. 404 is the one answer that means "it is not there".
 * @throws PratiqueError `upstream-…`, `limit-exceeded`
 */
export async function download(url: URL, options: DownloadOptions): Promise<Download> {
  const { limits } = options;
  const part = partOf(url, options.folder);
  const signal = AbortSignal.timeout(limits.total);
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once(url, part, options, signal);
    } catch (error) {
      if (!(error instanceof BrokenOff)) throw error;
      if (attempt >= limits.resumptions || signal.aborted) throw broken(shownUrl(url), error.message, error);
      await sleep(limits.pause * 2 ** attempt);
    }
  }
}

/** The bytes that came are kept for the next attempt. */
class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
}

interface Part {
  readonly file: string;
  /** What the bytes are a part of. */
  readonly mark: string;
}

const markShape = z.object({
  url: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
});

function partOf(url: URL, folder: string): Part {
  const name = createHash('sha256').update(url.href).digest('hex').slice(0, 32);
  return { file: join(folder, name), mark: join(folder, `${name}.mark`) };
}

async function once(url: URL, part: Part, options: DownloadOptions, signal: AbortSignal): Promise<Download> {
  const { limits, known = null } = options;
  const begun = begunPart(url, part);
  const headers =
    begun === null ? conditionOf(known) : { range: `bytes=${begun.bytes}-`, 'if-range': begun.version };
  const response = await follow(url, headers, limits, signal, [200, 206, 304, 416]);
  if (response === null) return { kind: 'absent' };
  const { statusCode } = response;
  if (statusCode === 304) {
    await response.body.dump();
    return { kind: 'unchanged' };
  }
  const from = begun !== null && statusCode === 206 ? begun.bytes : 0;
  if (statusCode === 416 || (statusCode === 206 && startOf(response) !== from)) {
    await response.body.dump();
    drop(part);
    throw new BrokenOff(`has no more of what was begun (${statusCode})`);
  }
  const validators = validatorsOf(response);
  writeFileSync(part.mark, JSON.stringify({ url: url.href, ...validators }));
  await receive(url, part, response, from, options, signal);
  rmSync(part.mark, { force: true });
  const lastModified = validators.lastModified === null ? null : new Date(validators.lastModified);
  return {
    kind: 'file',
    file: part.file,
    lastModified: lastModified === null || Number.isNaN(lastModified.getTime()) ? null : lastModified,
    validators,
  };
}

function conditionOf(known: Validators | null): Record<string, string> {
  if (known?.etag != null) return { 'if-none-match': known.etag };
  return known?.lastModified != null ? { 'if-modified-since': known.lastModified } : {};
}

/** What an earlier attempt brought, and of which version; null: nothing that can be gone on with. */
function begunPart(url: URL, part: Part): { readonly bytes: number; readonly version: string } | null {
  const bytes = statSync(part.file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes === 0 || statSync(part.mark, { throwIfNoEntry: false }) === undefined) return null;
  const mark = markShape.safeParse(parseJson(readFileSync(part.mark, 'utf8')));
  if (!mark.success || mark.data.url !== url.href) return null;
  // A weak validator does not speak of bytes (RFC 9110, 13.1.5).
  const { etag, lastModified } = mark.data;
  const version = etag !== null && !etag.startsWith('W/') ? etag : lastModified;
  return version === null ? null : { bytes, version };
}

/** undefined: it is none, which no shape is. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function drop(part: Part): void {
  rmSync(part.file, { force: true });
  rmSync(part.mark, { force: true });
}

function validatorsOf({ headers }: Dispatcher.ResponseData): Validators {
  const text = (name: string): string | null => {
    const value = headers[name];
    return typeof value === 'string' && value.length <= 512 ? value : null;
  };
  return { etag: text('etag'), lastModified: text('last-modified') };
}

/** Of `Content-Range: bytes 100-199/200`; null: none that could be read. */
function startOf({ headers }: Dispatcher.ResponseData): number | null {
  const range = headers['content-range'];
  const start = typeof range === 'string' ? /^bytes ([0-9]+)-/.exec(range)?.[1] : undefined;
  return start === undefined ? null : Number(start);
}

async function receive(
  url: URL,
  part: Part,
  response: Dispatcher.ResponseData,
  from: number,
  { limits, onBytes }: DownloadOptions,
  signal: AbortSignal,
): Promise<void> {
  const shown = shownUrl(url);
  const stated = Number(response.headers['content-length']);
  const total = Number.isFinite(stated) && stated > 0 ? from + stated : null;
  let received = from;
  const bounded = new Transform({
    transform(piece: Buffer, _encoding, done) {
      received += piece.length;
      onBytes?.(received, total);
      if (received <= limits.bytes) return done(null, piece);
      done(
        new PratiqueError('limit-exceeded', `${shown} is larger than ${limits.bytes} bytes`, { url: shown }),
      );
    },
  });
  try {
    // Opened before anything can fail: a file that is opened late would lie there after it was taken away.
    const target = (await open(part.file, from > 0 ? 'a' : 'w')).createWriteStream();
    await pipeline(response.body, bounded, target, { signal });
  } catch (error) {
    if (isPratiqueError(error)) {
      drop(part);
      throw error;
    }
    if (isNoSpace(error)) {
      drop(part);
      throw new PratiqueError(
        'data-unusable',
        `${shown} could not be written to disk: ${errorText(error)}`,
        { url: shown },
        error,
      );
    }
    throw new BrokenOff(`broke off after ${received} bytes: ${errorText(error)}`);
  }
  if (total !== null && received !== total)
    throw new BrokenOff(`broke off after ${received} of ${total} bytes`);
}

function isNoSpace(error: unknown): boolean {
  return errorCode(error) === 'ENOSPC';
}
