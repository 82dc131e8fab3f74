import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, PratiqueError } from '../../core/errors.ts';
import type { AdvisorySource, FeedFile } from './feed-file.ts';

export const kevPath: readonly string[] = ['feeds', 'known_exploited_vulnerabilities.json'];

/** A folder laid out as osv.dev's bulk export: `<Ecosystem>/all.zip`, and the known-exploited catalogue. */
export function directorySource(directory: string): AdvisorySource {
  return { where: directory, feeds: () => feedsIn(directory) };
}

async function* feedsIn(directory: string): AsyncGenerator<FeedFile> {
  for (const name of await namesIn(directory)) {
    const feed = await feedFile(join(directory, name, 'all.zip'), `osv:${name}`, 'osv');
    if (feed !== null) yield feed;
  }
  const kev = await feedFile(join(directory, ...kevPath), 'kev', 'kev');
  if (kev !== null) yield kev;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    throw new PratiqueError(
      'advisories-unreadable',
      `${directory} cannot be read as a folder of advisories: ${errorText(error)}`,
      { directory },
      error,
    );
  }
}

/**
 * The file as a feed, or null where there is none.
 * @throws PratiqueError `advisories-unreadable` where it is there and is no file
 */
export async function feedFile(file: string, name: string, kind: FeedFile['kind']): Promise<FeedFile | null> {
  try {
    const found = await stat(file);
    if (found.isFile()) return { name, kind, file, source: file, lastModified: found.mtime };
  } catch (error) {
    // Not `instanceof Error`: across realms (worker threads, Jest) that is not to be trusted.
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
    // ENOTDIR: a plain file beside the ecosystems' folders.
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new PratiqueError(
      'advisories-unreadable',
      `${file} cannot be read: ${errorText(error)}`,
      { file },
      error,
    );
  }
  throw new PratiqueError('advisories-unreadable', `${file} is no file`, { file });
}
