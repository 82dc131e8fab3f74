import { z } from 'zod';
import type { Digest } from '../core/digest.ts';
import type { HostedRepositories } from '../core/ports/hosted.ts';
import type { ManifestRecord } from '../core/ports/records.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import type { Referrer } from '../registry/referrers.ts';

/** Of one reading of the records; `bytes` of manifests, since their annotations are part of what is told. */
const most = { count: 1000, bytes: 4 * 1024 ** 2 };

const shown = z.object({
  artifactType: z.string().nullish(),
  config: z.object({ mediaType: z.string() }).nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
});

/** What is recorded here that refers to a digest, after `last`, in the order of digests. */
export async function recordedReferrers(
  hosted: Pick<HostedRepositories, 'referrers'>,
  address: RepositoryAddress,
  subject: Digest,
  last: Digest | null,
): Promise<{ readonly referrers: readonly Referrer[]; readonly more: boolean }> {
  const { manifests, more } = await hosted.referrers(address, subject, { ...most, last });
  return { referrers: manifests.map(referrerOf), more };
}

function referrerOf(record: ManifestRecord): Referrer {
  const parsed = shown.safeParse(JSON.parse(Buffer.from(record.bytes).toString('utf8')));
  const { artifactType, config, annotations } = parsed.success ? parsed.data : {};
  return {
    mediaType: record.mediaType,
    digest: record.digest,
    size: record.bytes.length,
    artifactType: artifactType || config?.mediaType,
    ...(annotations == null ? {} : { annotations }),
  };
}
