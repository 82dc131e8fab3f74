import type { Digest } from '../core/digest.ts';
import { errorText, isPratiqueError, PratiqueError } from '../core/errors.ts';
import { canonicalName, type RepositoryAddress } from '../core/repository.ts';
import { parseReferrerList, type Referrer, referrersTag } from '../registry/referrers.ts';
import type { UpstreamClient } from '../registry/upstream/client.ts';

export type ReferrerLists = Pick<UpstreamClient, 'getReferrers' | 'getManifest'>;

/** Of one upstream's list; `bytes` of all pages. What has more is refused: who reads half of a list sees no gap. */
export const upstreamListLimits = { pages: 10, bytes: 4 * 1024 ** 2 } as const;

/**
 * All that an upstream says refers to a digest: by its list, where it has none by the tag that stands in for it.
 * @throws PratiqueError as `UpstreamClient`; `upstream-misbehaved` for what is no list, `limit-exceeded`
 */
export async function upstreamReferrers(
  client: ReferrerLists,
  address: RepositoryAddress,
  subject: Digest,
): Promise<readonly Referrer[]> {
  const found: Referrer[] = [];
  let page: string | null = null;
  let bytes = 0;
  for (let read = 0; read < upstreamListLimits.pages; read += 1) {
    const answer = await client.getReferrers(address.path, subject, page);
    if (answer === null) {
      if (read === 0) return standIn(client, address, subject);
      throw misbehaved(address, subject, 'it named a next page, and has none');
    }
    bytes += answer.bytes.length;
    if (bytes > upstreamListLimits.bytes)
      throw tooLong(address, subject, `has more than ${upstreamListLimits.bytes} bytes`);
    found.push(...readList(address, subject, answer.bytes));
    page = answer.next;
    if (page === null) return found;
  }
  throw tooLong(address, subject, `has more than ${upstreamListLimits.pages} pages`);
}

/** What clients keep under a tag at registries that have no list. */
async function standIn(
  client: ReferrerLists,
  address: RepositoryAddress,
  subject: Digest,
): Promise<readonly Referrer[]> {
  const tag = referrersTag(subject);
  try {
    const { bytes } = await client.getManifest(address.path, { kind: 'tag', tag });
    return readList(address, subject, bytes);
  } catch (error) {
    if (isPratiqueError(error) && error.code === 'manifest-unknown') return [];
    throw error;
  }
}

function readList(address: RepositoryAddress, subject: Digest, bytes: Uint8Array): readonly Referrer[] {
  try {
    return parseReferrerList(bytes);
  } catch (error) {
    throw misbehaved(address, subject, errorText(error));
  }
}

function misbehaved({ upstream, ...rest }: RepositoryAddress, subject: Digest, why: string): PratiqueError {
  const name = canonicalName({ upstream, ...rest });
  const message = `what the upstream ${upstream} says refers to ${subject} in ${name} cannot be told: ${why}`;
  return new PratiqueError('upstream-misbehaved', message, { upstream, digest: subject });
}

function tooLong(address: RepositoryAddress, subject: Digest, what: string): PratiqueError {
  const message = `the list of what refers to ${subject} in ${canonicalName(address)} ${what}: ask the upstream ${address.upstream} itself for it`;
  return new PratiqueError('limit-exceeded', message, { upstream: address.upstream, digest: subject });
}
