import type { FeedState } from '../../../core/ports/advisories.ts';
import { download } from '../download.ts';
import type { FeedOffer, Fetched } from '../offer.ts';
import {
  type Bookmark,
  fetchFiles,
  newestOf,
  type RemoteLocal,
  type RemoteOptions,
  readBookmark,
  releaseAll,
  unchanged,
  wholeOf,
} from '../remote.ts';
import { shownUrl } from '../request.ts';
import { type Changes, changesSince } from './increments.ts';
import { osvFeed, wholeExport } from './index.ts';

/** More changed records than that come quicker with the whole export. */
const mostChanges = 2000;
/** Records that are fetched at a time. */
const atOnce = 8;
/** Milliseconds after which the whole export is read in any case: records that were deleted are in no list of changes. */
const wholeEvery = 7 * 86_400_000;
/** The list is ordered by when a record was changed, which may be a while before it was exported. Milliseconds. */
const overlap = 6 * 3_600_000;

export interface OsvPlace {
  readonly base: URL;
  readonly url: (base: URL, path: readonly string[]) => URL;
  readonly options: Omit<RemoteOptions, 'onBytes'>;
  readonly now: () => Date;
}

/** Offers of the ecosystems' exports below a URL: whole, or what has changed since the last time. */
export function osvOffers(place: OsvPlace, ecosystems: readonly string[]): readonly FeedOffer[] {
  const list = new ChangeList(place);
  return ecosystems.map((ecosystem) => ({
    feed: osvFeed(ecosystem),
    fetch: (before, onBytes) => fetchExport(place, ecosystem, before, list, { ...place.options, onBytes }),
  }));
}

/** `modified_id.csv`, fetched once for all ecosystems, when the first of them can do with it. */
class ChangeList {
  readonly #place: OsvPlace;
  #file: Promise<string | null> | null = null;

  constructor(place: OsvPlace) {
    this.#place = place;
  }

  /** null: there is none. @throws PratiqueError `upstream-…` */
  async since(time: Date): Promise<Changes | null> {
    const { base, url, options } = this.#place;
    this.#file ??= download(url(base, ['modified_id.csv']), options).then((result) =>
      result.kind === 'file' ? result.file : null,
    );
    const file = await this.#file;
    return file === null ? null : changesSince(file, time, this.#place.now());
  }
}

async function fetchExport(
  place: OsvPlace,
  ecosystem: string,
  before: FeedState | null,
  list: ChangeList,
  options: RemoteOptions,
): Promise<Fetched> {
  const url = place.url(place.base, [ecosystem, wholeExport]);
  const source = shownUrl(url);
  const bookmark = before?.source === source ? readBookmark(before) : null;
  const increment =
    before === null || bookmark === null
      ? null
      : await changed(place, ecosystem, before, bookmark, list, options);
  if (increment !== null) return increment;
  const got = await fetchFiles([{ path: wholeExport, url: url.href }], bookmark, options);
  if (got === 'absent') return { kind: 'absent', keeps: true, why: `${source} answered 404` };
  if (got === 'unchanged') return unchanged(before, null);
  const asOf = newestOf(got);
  return wholeOf(got, source, asOf, {
    cursor: asOf === null ? null : new Date(asOf.getTime() - overlap).toISOString(),
    wholeAt: place.now().toISOString(),
  });
}

/** The records that were changed; null: the whole export has to be read. */
async function changed(
  place: OsvPlace,
  ecosystem: string,
  before: FeedState,
  bookmark: Bookmark,
  list: ChangeList,
  options: RemoteOptions,
): Promise<Fetched | null> {
  const { cursor, wholeAt } = bookmark;
  if (cursor == null || wholeAt == null) return null;
  const now = place.now().getTime();
  if (now - Date.parse(wholeAt) >= wholeEvery) return null;
  // Of a clock that was wrong, here or there.
  if (Date.parse(cursor) > now || Date.parse(wholeAt) > now) return null;
  const changes = await list.since(new Date(cursor));
  if (changes?.newest == null) return null;
  const ids = [...new Set(changes.byEcosystem.get(ecosystem))];
  if (ids.length > mostChanges) return null;
  const next = new Date(Math.max(Date.parse(cursor), Date.parse(changes.newest) - overlap)).toISOString();
  const asOf = new Date(changes.newest);
  const further: Bookmark = { ...bookmark, cursor: next };
  const text = JSON.stringify(further);
  if (ids.length === 0) return { kind: 'unchanged', asOf, bookmark: text };
  const files = await fetchRecords(place, ecosystem, ids, options);
  if (files === null) return null;
  return {
    kind: 'files',
    files,
    replaced: ids,
    source: before.source,
    asOf,
    bookmark: text,
    release: () => releaseAll(files),
  };
}

/** null: one of them is not there, which the list of changes does not tell. */
async function fetchRecords(
  { base, url }: OsvPlace,
  ecosystem: string,
  ids: readonly string[],
  options: RemoteOptions,
): Promise<readonly RemoteLocal[] | null> {
  const files: RemoteLocal[] = [];
  const silent = { ...options, onBytes: () => undefined };
  try {
    for (let from = 0; from < ids.length; from += atOnce) {
      const some = ids.slice(from, from + atOnce);
      const got = await Promise.all(
        some.map((id) => {
          const path = `${id}.json`;
          return fetchFiles([{ path, url: url(base, [ecosystem, path]).href }], null, silent);
        }),
      );
      for (const one of got) if (typeof one !== 'string') files.push(...one);
      if (got.some((one) => typeof one === 'string')) {
        await releaseAll(files);
        return null;
      }
      options.onBytes(files.length, ids.length);
    }
  } catch (error) {
    await releaseAll(files);
    throw error;
  }
  return files;
}
