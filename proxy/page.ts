import { type OciError, ociError } from '../registry/oci-error.ts';

/** Which part of a list is wanted. */
export interface Page {
  /** Entries at most. */
  readonly n: number;
  /** After this one (exclusive); null: from the first. */
  readonly last: string | null;
}

/** Reads `n` and `last` of a list (distribution specification, "Listing Tags"). @param most entries, whatever is asked for */
export function parsePage(query: URLSearchParams, most: number): Page | OciError {
  const asked = query.get('n');
  if (asked !== null && !/^\d{1,9}$/.test(asked)) {
    const message = `n is "${asked.slice(0, 50)}", which is no number of entries`;
    return { ...ociError('UNSUPPORTED', message), status: 400 };
  }
  return { n: Math.min(asked === null ? most : Number(asked), most), last: query.get('last') };
}

/** What to ask for the next page with; `ns` names its registry where the client has named it so. */
export function nextPage(query: URLSearchParams, page: Readonly<Record<string, string>>): URLSearchParams {
  const ns = query.get('ns');
  return new URLSearchParams({ ...page, ...(ns === null ? {} : { ns }) });
}

/** A `Link` to the next page (RFC 8288). */
export function linkTo(path: string, next: URLSearchParams): string {
  return `<${path}?${next.toString()}>; rel="next"`;
}
