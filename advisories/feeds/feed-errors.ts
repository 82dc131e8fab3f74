import { closeSync, openSync } from 'node:fs';
import { errorText, PratiqueError } from '../../core/errors.ts';
import type { LocalFile } from './feed.ts';
import { describeStart } from './file-start.ts';

/**
 * Opens a file of a feed for reading; the caller closes it.
 * @throws PratiqueError `advisories-unreadable`
 */
export function openFeedFile({ file, path }: LocalFile): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw new PratiqueError(
      'advisories-unreadable',
      `${path} cannot be opened: ${errorText(error)}`,
      { path },
      error,
    );
  }
}

/**
 * A file that is not what the feed has there.
 * @param what what was expected: `a bzip2 file of OVAL definitions`
 */
export function unreadable(local: LocalFile, what: string, cause: unknown): PratiqueError {
  return new PratiqueError(
    'advisories-unreadable',
    `${local.path} cannot be read as ${what}: ${errorText(cause)}; it begins like ${startOf(local)}. Fetch it again`,
    { path: local.path },
    cause,
  );
}

/** More than anything that a publisher would write. */
export function tooMuch(path: string, found: string, allowed: string): PratiqueError {
  return new PratiqueError(
    'limit-exceeded',
    `${path} holds ${found} where ${allowed} are allowed: it is no file of this feed`,
    { path },
  );
}

function startOf(local: LocalFile): string {
  const fd = openFeedFile(local);
  try {
    return describeStart(fd);
  } catch (error) {
    // A folder, or a disk that fails: the message then says so.
    return `nothing (${errorText(error)})`;
  } finally {
    closeSync(fd);
  }
}
