import type { ServerResponse } from 'node:http';
import type { HostedRepositories } from '../../core/ports/hosted.ts';
import { canonicalName, type RepositoryAddress } from '../../core/repository.ts';
import { isOciError, ociError } from '../../registry/oci-error.ts';
import { linkTo, nextPage, parsePage } from '../page.ts';
import { sendError, sendJson } from '../respond.ts';

/** Tags in one answer, whatever is asked for. */
const mostTags = 10_000;

/** What is asked of a list. */
export interface Listing {
  readonly address: RepositoryAddress;
  /** As the client wrote it. */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly method: string;
}

/** Tags of a hosted repository, in the order of their bytes (distribution spec, "Listing Tags"). */
export async function listTags(
  hosted: HostedRepositories,
  response: ServerResponse,
  { address, name, query, method }: Listing,
): Promise<void> {
  const page = parsePage(query, mostTags);
  if (isOciError(page)) {
    sendError(response, method, page);
    return;
  }
  if (!(await hosted.exists(address))) {
    sendError(
      response,
      method,
      ociError('NAME_UNKNOWN', `nothing was pushed to ${canonicalName(address)} yet`),
    );
    return;
  }
  const { n } = page;
  const found = n === 0 ? [] : await hosted.listTags(address, page.last, n + 1);
  const tags = found.slice(0, n);
  const last = tags.at(-1);
  if (found.length > n && last !== undefined) {
    response.setHeader('Link', linkTo(`/v2/${name}/tags/list`, nextPage(query, { n: String(n), last })));
  }
  sendJson(response, method, 'application/json', { name, tags });
}
