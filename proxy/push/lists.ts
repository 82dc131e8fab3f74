import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { type Digest, parseDigest } from '../../core/digest.ts';
import type { HostedRepositories } from '../../core/ports/hosted.ts';
import type { ManifestRecord } from '../../core/ports/records.ts';
import { canonicalName, type RepositoryAddress } from '../../core/repository.ts';
import { ociIndexType } from '../../registry/media-types.ts';
import { isOciError, ociError } from '../../registry/oci-error.ts';
import { parsePage } from '../page.ts';
import { sendError, sendJson } from '../respond.ts';

/** Tags in one answer, whatever is asked for. */
const mostTags = 10_000;
/** Referrers in one answer; `bytes` of their manifests, since their annotations are part of it. */
const mostReferrers = { count: 1000, bytes: 4 * 1024 ** 2 };

interface Listing {
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
    const next = new URLSearchParams({ n: String(n), last });
    response.setHeader('Link', `</v2/${name}/tags/list?${next.toString()}>; rel="next"`);
  }
  sendJson(response, method, 'application/json', { name, tags });
}

const shown = z.object({
  artifactType: z.string().optional(),
  config: z.object({ mediaType: z.string() }).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

/** What refers to a digest, page by page (distribution spec, "Listing Referrers"): an empty index where nothing does. */
export async function listReferrers(
  hosted: HostedRepositories,
  response: ServerResponse,
  { address, name, query, method }: Listing,
  subject: Digest,
): Promise<void> {
  const wanted = query.get('artifactType');
  const from = query.get('last');
  const last = from === null ? null : parseDigest(from);
  if (from !== null && last === null) {
    sendError(
      response,
      method,
      ociError('DIGEST_INVALID', `last is "${from.slice(0, 150)}", which is no digest`),
    );
    return;
  }
  const page = await hosted.referrers(address, subject, { ...mostReferrers, last });
  const end = page.manifests.at(-1);
  if (page.more && end !== undefined) {
    const next = new URLSearchParams({
      last: end.digest,
      ...(wanted === null ? {} : { artifactType: wanted }),
    });
    response.setHeader('Link', `</v2/${name}/referrers/${subject}?${next.toString()}>; rel="next"`);
  }
  const all = page.manifests.map(descriptorOf);
  const manifests = wanted === null ? all : all.filter((one) => one.artifactType === wanted);
  if (wanted !== null) response.setHeader('OCI-Filters-Applied', 'artifactType');
  sendJson(response, method, ociIndexType, { schemaVersion: 2, mediaType: ociIndexType, manifests });
}

interface ReferrerDescriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType: string | undefined;
  readonly annotations?: Readonly<Record<string, string>>;
}

function descriptorOf(record: ManifestRecord): ReferrerDescriptor {
  const parsed = shown.safeParse(JSON.parse(Buffer.from(record.bytes).toString('utf8')));
  const { artifactType, config, annotations } = parsed.success ? parsed.data : {};
  return {
    mediaType: record.mediaType,
    digest: record.digest,
    size: record.bytes.length,
    artifactType: artifactType ?? config?.mediaType,
    ...(annotations === undefined ? {} : { annotations }),
  };
}
