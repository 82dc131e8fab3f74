import { mkdir, rm } from 'node:fs/promises';
import { z } from 'zod';
import { PratiqueError } from '../../core/errors.ts';
import type { FeedState } from '../../core/ports/advisories.ts';
import { type Download, type DownloadLimits, download, type Validators } from './download.ts';
import type { LocalFile, RemoteFile } from './feed.ts';
import type { Fetched, FetchedFiles } from './offer.ts';
import { broken, shownUrl } from './request.ts';

/** What is remembered of an upstream's files, as it stands in `FeedState.bookmark`. */
const bookmarkShape = z.object({
  files: z.record(z.string(), z.object({ etag: z.string().nullable(), lastModified: z.string().nullable() })),
  /** Of an export with increments: the newest change that was seen, and when all of it was read last. ISO 8601. */
  cursor: z.string().nullish(),
  wholeAt: z.string().nullish(),
});
export type Bookmark = z.infer<typeof bookmarkShape>;

/** null: none, or of another kind of source. */
export function readBookmark(state: FeedState | null): Bookmark | null {
  if (state === null || state.bookmark === '') return null;
  try {
    const parsed = bookmarkShape.safeParse(JSON.parse(state.bookmark));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

export interface RemoteOptions {
  readonly folder: string;
  readonly limits: DownloadLimits;
  readonly onBytes: (received: number, total: number | null) => void;
}

/** A file that came, with what its server says of it. */
export interface RemoteLocal extends LocalFile {
  readonly lastModified: Date | null;
  readonly validators: Validators;
  readonly url: string;
}

/**
 * All files of a feed, or word that all are as before. Where some have changed, all are fetched: a feed is read as a whole.
 * @throws PratiqueError `upstream-…`, `limit-exceeded`
 */
export async function fetchFiles(
  files: readonly RemoteFile[],
  known: Bookmark | null,
  options: RemoteOptions,
): Promise<'unchanged' | 'absent' | readonly RemoteLocal[]> {
  await mkdir(options.folder, { recursive: true });
  const got: RemoteLocal[] = [];
  const same: RemoteFile[] = [];
  try {
    for (const remote of files) {
      const result = await fetchOne(remote, known?.files[remote.url] ?? null, options);
      if (result.kind === 'unchanged') same.push(remote);
      else if (result.kind === 'file') got.push(localOf(remote, result));
      // A file of many that was there and is gone is no reason to forget what it said; an optional one may go, as a
      // release does that its publisher takes down.
      else if (remote.optional !== true && files.length > 1) throw missing(remote);
    }
    if (got.length === 0) return same.length > 0 ? 'unchanged' : 'absent';
    for (const remote of same) {
      const result = await fetchOne(remote, null, options);
      if (result.kind !== 'file') throw missing(remote);
      got.push(localOf(remote, result));
    }
    return got;
  } catch (error) {
    await releaseAll(got);
    throw error;
  }
}

async function fetchOne(
  remote: RemoteFile,
  known: Validators | null,
  options: RemoteOptions,
): Promise<Download> {
  const url = new URL(remote.url);
  const result = await download(url, { ...options, known });
  if (result.kind === 'unchanged' && known === null) {
    throw broken(shownUrl(url), 'answered 304 to a question without a condition');
  }
  return result;
}

function localOf(
  remote: RemoteFile,
  { file, lastModified, validators }: Extract<Download, { kind: 'file' }>,
): RemoteLocal {
  return { path: remote.path, file, lastModified, validators, url: remote.url };
}

function missing({ url }: RemoteFile): PratiqueError {
  const shown = shownUrl(new URL(url));
  return new PratiqueError('upstream-refused', `${shown} answered 404`, { url: shown });
}

export async function releaseAll(files: readonly LocalFile[]): Promise<void> {
  for (const { file } of files) await rm(file, { force: true });
}

/** A whole feed out of the files that came. */
export function wholeOf(
  files: readonly RemoteLocal[],
  source: string,
  asOf: Date | null,
  more: Omit<Bookmark, 'files'> = {},
): FetchedFiles {
  const bookmark: Bookmark = {
    files: Object.fromEntries(files.map(({ url, validators }) => [url, validators])),
    ...more,
  };
  return {
    kind: 'files',
    files,
    replaced: null,
    source,
    asOf,
    bookmark: JSON.stringify(bookmark),
    release: () => releaseAll(files),
  };
}

/** @param state what was known; without it nothing was asked that "unchanged" could be an answer to */
export function unchanged(state: FeedState | null, asOf: Date | null): Fetched {
  if (state === null) throw new Error('something is unchanged of which nothing was known');
  return { kind: 'unchanged', asOf, bookmark: state.bookmark };
}

/** The newest of the times that the files' servers give; null where none does. */
export function newestOf(files: readonly RemoteLocal[]): Date | null {
  const times = files.flatMap(({ lastModified }) => (lastModified === null ? [] : [lastModified.getTime()]));
  return times.length === 0 ? null : new Date(Math.max(...times));
}
