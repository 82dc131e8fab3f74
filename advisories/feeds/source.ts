import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PratiqueError } from '../../core/errors.ts';
import { directorySource, feedFile, kevPath } from './directory.ts';
import { type DownloadLimits, download, downloadLimits, shownUrl } from './download.ts';
import type { AdvisorySource, FeedFile } from './feed-file.ts';
import { exportedEcosystems } from './osv/ecosystems.ts';

export interface SourceOptions {
  /** A folder, or an http(s) URL below which `<Ecosystem>/all.zip` lies. */
  readonly from: string;
  /** Another place for the known-exploited catalogue, a file or a URL: it then has to be there. */
  readonly kev?: string | null;
  /** Which ecosystems to ask a URL for. */
  readonly ecosystems?: readonly string[];
  /** Where downloads lie until they are read; made if it is not there. */
  readonly temporary: string;
  readonly limits?: DownloadLimits;
}

/**
 * Where to read advisories from. Nothing is looked at before the feeds are asked for.
 * @throws PratiqueError `usage-invalid`
 */
export function openAdvisorySource(options: SourceOptions): AdvisorySource {
  const base = urlOf(options.from);
  const kev = options.kev ?? null;
  const plain = base === null ? directorySource(options.from) : urlSource(base, options);
  if (kev === null) return plain;
  return { where: `${plain.where} and ${shown(kev)}`, feeds: () => withOtherKev(plain, kev, options) };
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

function urlSource(base: URL, options: SourceOptions): AdvisorySource {
  const wanted = options.ecosystems ?? exportedEcosystems;
  return {
    where: shownUrl(base),
    async *feeds() {
      for (const name of wanted) {
        yield* fetched(below(base, [name, 'all.zip']), `osv:${name}`, 'osv', options, false);
      }
      // Elsewhere, if the caller says so.
      if ((options.kev ?? null) === null) yield* fetched(below(base, kevPath), 'kev', 'kev', options, false);
    },
  };
}

async function* withOtherKev(
  plain: AdvisorySource,
  place: string,
  options: SourceOptions,
): AsyncGenerator<FeedFile> {
  for await (const feed of plain.feeds()) if (feed.kind !== 'kev') yield feed;
  const url = urlOf(place);
  if (url !== null) {
    yield* fetched(url, 'kev', 'kev', options, true);
    return;
  }
  const feed = await feedFile(place, 'kev', 'kev');
  if (feed === null) throw notThere(place);
  yield feed;
}

function notThere(place: string): PratiqueError {
  return new PratiqueError(
    'advisories-unreadable',
    `the known-exploited catalogue is not at ${place}, where it was said to be`,
    { place },
  );
}

/** Downloads to a file of its own, which is gone when the next feed is asked for. */
async function* fetched(
  url: URL,
  name: string,
  kind: FeedFile['kind'],
  options: SourceOptions,
  required: boolean,
): AsyncGenerator<FeedFile> {
  await mkdir(options.temporary, { recursive: true });
  const directory = await mkdtemp(join(options.temporary, 'advisories-'));
  try {
    const file = join(directory, 'feed');
    const result = await download(url, file, options.limits ?? downloadLimits);
    // The catalogue of known exploited ones is published when there is news; to have asked for it today is to be
    // up to date.
    if (result.found) {
      const lastModified = kind === 'kev' ? null : result.lastModified;
      yield { name, kind, file, source: shownUrl(url), lastModified };
    } else if (required) throw notThere(shownUrl(url));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
