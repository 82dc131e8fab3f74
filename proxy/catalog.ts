import type { ServerResponse } from 'node:http';
import type { HostedRecords } from '../core/ports/hosted.ts';
import { isOciError, type OciError, ociError } from '../registry/oci-error.ts';
import { linkTo, nextPage, parsePage } from './page.ts';
import { sendJson } from './respond.ts';

export interface CatalogSource {
  /** Names of upstreams, and of what lives here. None begins as another with a slash behind it does. */
  readonly upstreams: readonly string[];
  readonly repositories: Pick<HostedRecords, 'listRepositories'>;
}

interface Asked {
  /** The one upstream whose repositories are named without its alias, as the host that was asked reads them; null: all. */
  readonly upstream: string | null;
  readonly query: URLSearchParams;
  readonly method: string;
  /** Of canonical names. */
  maySee(name: string): boolean;
}

export const catalogLimits = {
  /** Names in one answer, whatever is asked for. */
  names: 1000,
  /** Names read at once. */
  read: 500,
  /** Names that are read for one answer, with those that who asks may not see. */
  reads: 100_000,
} as const;

/**
 * Repositories that hold something here, in the order of their bytes, by the names under which they are asked for (Docker's
 * registry API, "Catalog"). No upstream is asked, and nothing is named that who asks could not pull.
 * @returns the refusal to answer with; null: it is answered
 */
export async function listCatalog(
  source: CatalogSource,
  response: ServerResponse,
  { upstream, query, method, maySee }: Asked,
): Promise<OciError | null> {
  const page = parsePage(query, catalogLimits.names);
  if (isOciError(page)) return page;
  const found = page.n === 0 ? none : await namesAfter(source, upstream, page.last, page.n + 1, maySee);
  if (found === null) {
    const most = catalogLimits.reads;
    const message = `none of ${most} repositories is for you: give "last", the name after which to go on`;
    return ociError('DENIED', message);
  }
  const repositories = found.names.slice(0, page.n);
  const last = repositories.at(-1);
  if (last !== undefined && (found.more || found.names.length > page.n)) {
    const next = nextPage(query, { n: String(page.n), last });
    response.setHeader('Link', linkTo('/v2/_catalog', next));
  }
  sendJson(response, method, 'application/json', { repositories });
  return null;
}

interface Found {
  readonly names: readonly string[];
  /** Whether the end was not reached. */
  readonly more: boolean;
}

const none: Found = { names: [], more: false };

/** null: so many were read of which none may be named that the end could not be reached. */
async function namesAfter(
  { upstreams, repositories }: CatalogSource,
  only: string | null,
  last: string | null,
  wanted: number,
  maySee: (name: string) => boolean,
): Promise<Found | null> {
  const names: string[] = [];
  let left = catalogLimits.reads;
  for (const { upstream, prefix, after } of ranges(upstreams, only, last)) {
    let from = after;
    for (;;) {
      const limit = Math.min(catalogLimits.read, left);
      const paths = await repositories.listRepositories(upstream, from, limit);
      for (const path of paths) {
        if (maySee(`${upstream}/${path}`)) names.push(`${prefix}${path}`);
        if (names.length >= wanted) return { names, more: true };
      }
      left -= paths.length;
      if (left <= 0) return names.length === 0 ? null : { names, more: true };
      from = paths.at(-1) ?? null;
      if (from === null || paths.length < limit) break;
    }
  }
  return { names, more: false };
}

interface Range {
  readonly upstream: string;
  /** What its repositories' names begin with. */
  readonly prefix: string;
  /** The path after which its names are wanted; null: all. */
  readonly after: string | null;
}

/** No name of an upstream is the beginning of another, so the names of one stand together in the order of all. */
function ranges(upstreams: readonly string[], only: string | null, last: string | null): readonly Range[] {
  if (only !== null) return [{ upstream: only, prefix: '', after: last }];
  return upstreams
    .map((upstream) => ({ upstream, prefix: `${upstream}/` }))
    .sort((one, other) => (one.prefix < other.prefix ? -1 : 1))
    .flatMap(({ upstream, prefix }): Range[] => {
      if (last === null || last < prefix) return [{ upstream, prefix, after: null }];
      return last.startsWith(prefix) ? [{ upstream, prefix, after: last.slice(prefix.length) }] : [];
    });
}
