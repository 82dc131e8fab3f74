import { errorText, PratiqueError } from '../../core/errors.ts';
import type { LocalFile } from './feed.ts';
import { describeStart } from './file-start.ts';
import { closeFile, openFile } from './unreadable.ts';

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
  const file = openFile(local.file, local.path);
  try {
    return describeStart(file.fd);
  } finally {
    closeFile(file);
  }
}
