import type { ServerResponse } from 'node:http';
import { type Digest, parseDigest } from '../core/digest.ts';
import type { HostedRepositories } from '../core/ports/hosted.ts';
import { isHosted, type RepositoryAddress } from '../core/repository.ts';
import { ociIndexType } from '../registry/media-types.ts';
import { ociError } from '../registry/oci-error.ts';
import { parseReferrerList, type Referrer, referrersTag } from '../registry/referrers.ts';
import { linkTo, nextPage } from './page.ts';
import type { Listing } from './push/lists.ts';
import { recordedReferrers } from './recorded-referrers.ts';
import { sendError, sendJson } from './respond.ts';
import { type ReferrerLists, upstreamReferrers } from './upstream-referrers.ts';

export type { ReferrerLists } from './upstream-referrers.ts';

/** Of one answer: what registries take as a manifest, since a list is an index. */
export const referrersLimits = { count: 1000, bytes: 4 * 1024 ** 2 } as const;
/** Of those bytes, what stands round the descriptors. */
const frame = 200;

/**
 * What refers to a digest (distribution specification, "Listing Referrers"): what is recorded here, with what the upstream
 * lists, page by page in the order of digests; an empty index where nothing does.
 * @throws PratiqueError where the upstream has not said so: a failure is never an empty list
 */
export async function listReferrers(
  sources: {
    readonly hosted: Pick<HostedRepositories, 'referrers' | 'tagged'>;
    readonly lists: ReadonlyMap<string, ReferrerLists>;
  },
  response: ServerResponse,
  { address, name, query, method }: Listing,
  subject: Digest,
): Promise<void> {
  const { hosted, lists } = sources;
  const from = query.get('last');
  const last = from === null ? null : parseDigest(from);
  if (from !== null && last === null) {
    const message = `last is "${from.slice(0, 150)}", which is no digest`;
    sendError(response, method, ociError('DIGEST_INVALID', message));
    return;
  }
  const client = lists.get(address.upstream);
  const listed = isHosted(address)
    ? await taggedReferrers(hosted, address, subject)
    : client === undefined
      ? unnamed(address)
      : await upstreamReferrers(client, address, subject);
  const recorded = await recordedReferrers(hosted, address, subject, last);
  const wanted = query.get('artifactType');
  const page = mergePage(listed, recorded, last, wanted);
  if (page.next !== null) {
    const next = nextPage(query, {
      last: page.next,
      ...(wanted === null ? {} : { artifactType: wanted }),
    });
    response.setHeader('Link', linkTo(`/v2/${name}/referrers/${subject}`, next));
  }
  if (wanted !== null) response.setHeader('OCI-Filters-Applied', 'artifactType');
  const { manifests } = page;
  sendJson(response, method, ociIndexType, { schemaVersion: 2, mediaType: ociIndexType, manifests });
}

/** What a client that knows no list of referrers has pushed under the tag that stands in for it. */
async function taggedReferrers(
  hosted: Pick<HostedRepositories, 'tagged'>,
  address: RepositoryAddress,
  subject: Digest,
): Promise<readonly Referrer[]> {
  const record = await hosted.tagged(address, referrersTag(subject));
  return record === null || !isIndex(record.bytes) ? [] : parseReferrerList(record.bytes);
}

/** What else lies under that tag is no list; the records are whole without it. */
function isIndex(bytes: Uint8Array): boolean {
  const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  return typeof value === 'object' && value !== null && 'manifests' in value;
}

export interface ReferrersPage {
  readonly manifests: readonly Referrer[];
  /** After which digest the next page begins; null: this is the last. */
  readonly next: Digest | null;
}

/**
 * @param listed all there are, in any order
 * @param recorded in the order of digests, all after `last`; `more`: others follow. What the records tell of a digest counts
 * before what is listed of it, as it comes from the manifest itself
 */
export function mergePage(
  listed: readonly Referrer[],
  recorded: { readonly referrers: readonly Referrer[]; readonly more: boolean },
  last: Digest | null,
  artifactType: string | null,
): ReferrersPage {
  const horizon = recorded.more ? recorded.referrers.at(-1)?.digest : undefined;
  const all = new Map<Digest, Referrer>();
  for (const one of [...listed, ...recorded.referrers]) {
    const isAfter = last === null || one.digest > last;
    const isBefore = horizon === undefined || one.digest <= horizon;
    if (isAfter && isBefore) all.set(one.digest, one);
  }
  const manifests: Referrer[] = [];
  let bytes = frame;
  let end: Digest | null = null;
  for (const one of [...all.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1))) {
    if (artifactType === null || one.artifactType === artifactType) {
      const told = bounded(one);
      const size = Buffer.byteLength(JSON.stringify(told)) + 1;
      if (manifests.length >= referrersLimits.count || bytes + size > referrersLimits.bytes)
        return { manifests, next: end };
      manifests.push(told);
      bytes += size;
    }
    end = one.digest;
  }
  return { manifests, next: horizon ?? null };
}

/** One whose annotations alone fill an answer is told without them: they are in its manifest. */
function bounded(one: Referrer): Referrer {
  if (Buffer.byteLength(JSON.stringify(one)) + 1 + frame <= referrersLimits.bytes) return one;
  const { annotations: _, ...rest } = one;
  return rest;
}

function unnamed(address: RepositoryAddress): never {
  throw new Error(`no upstream is named ${address.upstream}`);
}
