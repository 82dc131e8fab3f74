import { PratiqueError } from '../../core/errors.ts';
import { noProxies, type ProxySettings } from '../../core/http-proxy.ts';
import { directorySource, fileAt, kevPath, localOffer } from './directory.ts';
import { type DownloadLimits, downloadLimits } from './download.ts';
import type { RemoteFile } from './feed.ts';
import { kev as kevFeed } from './kev/index.ts';
import { type NativeFeed, nativeFeeds } from './list.ts';
import type { AdvisorySource, FeedOffer, Fetched, ListedFeed } from './offer.ts';
import { exportedEcosystems } from './osv/ecosystems.ts';
import { osvOffers } from './osv/offers.ts';
import { fetchFiles, type RemoteOptions, readBookmark, unchanged, wholeOf } from './remote.ts';
import { fetchText, shownUrl } from './request.ts';
import { proxiedDispatcher } from './through-proxy.ts';

export interface SourceOptions {
  /** A folder, or an http(s) URL below which `<Ecosystem>/all.zip` lies. */
  readonly from: string;
  /** Another place for the known-exploited catalogue, a file or a URL: it then has to be there. */
  readonly kev?: string | null;
  /** Which ecosystems to ask a URL for. */
  readonly ecosystems?: readonly string[];
  /** Whether publishers are asked for feeds of their own as well. */
  readonly native?: boolean;
  /** Names of feeds that are asked for only by name. */
  readonly named?: readonly string[];
  /** Names of feeds that are not wanted. */
  readonly without?: readonly string[];
  /** Where downloads lie until they are read; made if it is not there. */
  readonly temporary: string;
  readonly limits?: DownloadLimits;
  /** Left out: none. */
  readonly proxies?: ProxySettings;
  readonly now?: () => Date;
}

/**
 * Where to read advisories from. Nothing is looked at before the feeds are asked for.
 * @throws PratiqueError `usage-invalid`
 */
export function openAdvisorySource(options: SourceOptions): AdvisorySource {
  const base = urlOf(options.from);
  const kev = options.kev ?? null;
  const plain = base === null ? directorySource(options.from) : urlSource(base, options);
  const without = new Set(options.without ?? []);
  const wanted = async (): Promise<readonly FeedOffer[]> =>
    (await plain.offers()).filter(({ feed }) => !without.has(feed.name));
  if (kev === null) return { where: plain.where, offers: wanted };
  return {
    where: `${plain.where} and ${shown(kev)}`,
    offers: async () => [
      ...(await wanted()).filter(({ feed }) => feed.name !== kevFeed.name),
      await kevOffer(kev, options),
    ],
  };
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

/** Null for a path. */
function urlOf(text: string): URL | null {
  if (!isUrl(text)) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new PratiqueError(
    'usage-invalid',
    `advisories can be had from a folder or from an http(s) URL, not from "${text.replace(/\/\/[^/@]*@/, '//')}"`,
  );
}

function shown(place: string): string {
  const url = urlOf(place);
  return url === null ? place : shownUrl(url);
}

function below(base: URL, path: readonly string[]): URL {
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/+$/, '')}/${path.map(encodeURIComponent).join('/')}`;
  return url;
}

type Fetching = Omit<RemoteOptions, 'onBytes'>;

function fetchingOf(options: SourceOptions): Fetching {
  const limits = options.limits ?? downloadLimits;
  const dispatcher = proxiedDispatcher(options.proxies ?? noProxies);
  return { folder: options.temporary, limits: dispatcher === null ? limits : { ...limits, dispatcher } };
}

function urlSource(base: URL, options: SourceOptions): AdvisorySource {
  const fetching = fetchingOf(options);
  const now = options.now ?? (() => new Date());
  return {
    where: shownUrl(base),
    offers: () => {
      const place = { base, url: below, options: fetching, now };
      const offers = [...osvOffers(place, options.ecosystems ?? exportedEcosystems)];
      // Elsewhere, if the caller says so.
      if ((options.kev ?? null) === null) offers.push(urlOffer(kevFeed, below(base, kevPath), fetching, now));
      if (options.native === true) {
        const wanted = nativeFeeds.filter(
          ({ feed, onlyNamed }) => !onlyNamed || options.named?.includes(feed.name) === true,
        );
        offers.push(...wanted.map((native) => publisherOffer(native, fetching, now)));
      }
      return Promise.resolve(offers);
    },
  };
}

async function kevOffer(place: string, options: SourceOptions): Promise<FeedOffer> {
  const url = urlOf(place);
  if (url !== null) return urlOffer(kevFeed, url, fetchingOf(options), options.now ?? (() => new Date()));
  const file = await fileAt(place);
  if (file !== null) return localOffer(kevFeed, [file], place);
  throw new PratiqueError(
    'advisories-unreadable',
    `the known-exploited catalogue is not at ${place}, where it was said to be`,
    { place },
  );
}

/**
 * A feed of one file, published when there is news: to have asked for it today is to be up to date.
 */
function urlOffer(feed: ListedFeed, url: URL, fetching: Fetching, now: () => Date): FeedOffer {
  const name = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  return remoteOffer(feed, () => Promise.resolve([{ path: name, url: url.href }]), false, fetching, now);
}

function publisherOffer({ feed, remote }: NativeFeed, fetching: Fetching, now: () => Date): FeedOffer {
  const ask = (url: string): Promise<string> => fetchText(new URL(url), fetching.limits);
  return remoteOffer(feed, () => remote(ask), true, fetching, now);
}

/** @param isKnown it has to be there: the publisher had it when this was written */
function remoteOffer(
  feed: ListedFeed,
  remote: () => Promise<readonly RemoteFile[]>,
  isKnown: boolean,
  fetching: Fetching,
  now: () => Date,
): FeedOffer {
  return {
    feed,
    fetch: async (before, onBytes): Promise<Fetched> => {
      const files = await remote();
      const source = sourceOf(files);
      const known = before?.source === source ? readBookmark(before) : null;
      const got = await fetchFiles(files, known, { ...fetching, onBytes });
      if (got === 'absent') {
        const why = `${source} answered 404`;
        if (isKnown) throw new PratiqueError('upstream-refused', why, { url: source });
        return { kind: 'absent', keeps: true, why };
      }
      // To have asked today is to be up to date: most of these are published when there is news.
      return got === 'unchanged' ? unchanged(before, now()) : wholeOf(got, source, now());
    },
  };
}

/** What the files have in common. */
function sourceOf(files: readonly RemoteFile[]): string {
  const urls = files.map(({ url }) => shownUrl(new URL(url)));
  const [first = ''] = urls;
  if (urls.length === 1) return first;
  let end = first.length;
  for (const url of urls) while (!url.startsWith(first.slice(0, end))) end -= 1;
  return first.slice(0, first.lastIndexOf('/', end) + 1);
}
