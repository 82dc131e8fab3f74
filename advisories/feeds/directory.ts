import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, errorText, PratiqueError } from '../../core/errors.ts';
import type { LocalFile } from './feed.ts';
import { kev } from './kev/index.ts';
import { nativeFeeds } from './list.ts';
import type { AdvisorySource, FeedOffer, Fetched, ListedFeed } from './offer.ts';
import { osvFeed, wholeExport } from './osv/index.ts';

export const kevPath: readonly string[] = ['feeds', 'known_exploited_vulnerabilities.json'];

/** Folders in folders of one feed, and files altogether: a feed has some dozens. */
const deepest = 4;
const mostFiles = 2000;

/**
 * A folder laid out as osv.dev's bulk export: `<Ecosystem>/all.zip`, and the known-exploited catalogue; other feeds'
 * files in `feeds/<name>/`. It holds all that there is: what is not in it is given up.
 */
export function directorySource(directory: string): AdvisorySource {
  return { where: directory, offers: () => offersIn(directory) };
}

async function offersIn(directory: string): Promise<readonly FeedOffer[]> {
  const offers: FeedOffer[] = [];
  for (const name of await namesIn(directory)) {
    const found = await fileAt(join(directory, name, wholeExport));
    if (found !== null) offers.push(localOffer(osvFeed(name), [found], found.file));
  }
  const catalogue = await fileAt(join(directory, ...kevPath));
  if (catalogue !== null) offers.push(localOffer(kev, [catalogue], catalogue.file));
  for (const { feed } of nativeFeeds) {
    const folder = join(directory, 'feeds', feed.name);
    const files = await filesBelow(folder, '', 0);
    if (files.length > 0) offers.push(localOffer(feed, files, folder));
  }
  return offers;
}

type DatedFile = LocalFile & { readonly modified: Date };

export function localOffer(feed: ListedFeed, files: readonly DatedFile[], source: string): FeedOffer {
  const [newest] = files.map(({ modified }) => modified).sort((a, b) => b.getTime() - a.getTime());
  const fetched: Fetched = {
    kind: 'files',
    files,
    replaced: null,
    source,
    asOf: newest ?? null,
    bookmark: '',
    release: () => Promise.resolve(),
  };
  return { feed, fetch: () => Promise.resolve(fetched) };
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    throw unreadable(directory, 'as a folder of advisories', error);
  }
}

/** Null where there is none. @throws PratiqueError `advisories-unreadable` where it is there and is no file */
export async function fileAt(file: string): Promise<DatedFile | null> {
  try {
    const found = await stat(file);
    if (found.isFile()) return { path: file.slice(file.lastIndexOf('/') + 1), file, modified: found.mtime };
  } catch (error) {
    if (isMissing(error)) return null;
    throw unreadable(file, '', error);
  }
  throw new PratiqueError('advisories-unreadable', `${file} is no file`, { file });
}

async function filesBelow(folder: string, below: string, depth: number): Promise<readonly DatedFile[]> {
  let entries: readonly { readonly name: string; isDirectory(): boolean; isFile(): boolean }[];
  try {
    entries = await readdir(join(folder, below), { withFileTypes: true });
  } catch (error) {
    if (depth === 0 && isMissing(error)) return [];
    throw unreadable(join(folder, below), '', error);
  }
  const files: DatedFile[] = [];
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory() && depth < deepest) files.push(...(await filesBelow(folder, path, depth + 1)));
    const found = entry.isFile() ? await fileAt(join(folder, path)) : null;
    if (found !== null) files.push({ ...found, path });
    if (files.length > mostFiles) {
      throw new PratiqueError(
        'limit-exceeded',
        `${folder} holds more than ${mostFiles} files: it is no feed`,
        {
          folder,
        },
      );
    }
  }
  return files;
}

/** ENOTDIR: a plain file beside the ecosystems' folders. Not `instanceof Error`: across realms that is not to be trusted. */
function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function unreadable(place: string, how: string, error: unknown): PratiqueError {
  return new PratiqueError(
    'advisories-unreadable',
    `${place} cannot be read${how === '' ? '' : ` ${how}`}: ${errorText(error)}`,
    { place },
    error,
  );
}
