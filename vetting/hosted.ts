import { type Digest, parseDigest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { StoredManifest } from '../core/image.ts';
import type { BlobClaim, HostedRecords, HostedRepositories } from '../core/ports/hosted.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Records } from '../core/ports/records.ts';
import { canonicalName, isHosted, type RepositoryAddress, repositoryKey } from '../core/repository.ts';
import type { BlobsInUse } from '../registry/blob-leases.ts';
import { blobsOf, parseManifest } from '../registry/manifest.ts';
import { isForeignLayerType } from '../registry/media-types.ts';
import type { Analysis } from './analysis.ts';
import { createSemaphore } from './semaphore.ts';
import type { Vetting } from './vetting.ts';

/** Blobs analysed ahead of their manifest at once, and waiting; one more is analysed with its manifest. */
const ahead = { width: 2, depth: 200 };
/** Repositories among which a mount that names none looks for a blob. */
const mostSources = 100;

export function createHosted(options: {
  readonly records: Records & HostedRecords;
  readonly vetting: Pick<Vetting, 'accept' | 'forget'>;
  readonly analysis: Pick<Analysis, 'prepare'>;
  /** A manifest that refers to this digest came or went here. */
  readonly onReferrer?: (address: RepositoryAddress, subject: Digest) => void;
  readonly store: { size(digest: Digest): Promise<number> };
  readonly inUse: BlobsInUse;
  /** Whether a tag stays where it was put first; `repository` as in `repositoryKey`. */
  readonly isImmutable?: (repository: string, tag: string) => boolean;
  readonly now: () => number;
  readonly logger: Logger;
}): HostedRepositories {
  const { records, vetting, analysis, store, inUse, now, logger, onReferrer = () => undefined } = options;
  const { isImmutable = () => false } = options;
  // Through this goes too what is deleted at an upstream, whose tags are its own.
  const stays = (address: RepositoryAddress, tag: string): boolean =>
    isHosted(address) && isImmutable(repositoryKey(address), tag);
  const enter = createSemaphore(ahead.width, ahead.depth);

  const prepare = (blob: Digest): void => {
    enter(() => analysis.prepare(blob)).catch((error: unknown) =>
      logger.info({ digest: blob, err: error }, 'pushed blob is analysed with its manifest, not before'),
    );
  };

  const keep = async (
    address: RepositoryAddress,
    blob: Digest,
    by: Pick<BlobClaim, 'user' | 'mountedBy'>,
  ): Promise<void> => records.putClaim(address, { blob, size: await store.size(blob), ...by, at: now() });

  /** Everything that a manifest names has to be there, with the size that it says. */
  const refuseAbsent = async (address: RepositoryAddress, stored: StoredManifest): Promise<void> => {
    for (const blob of blobsOf(stored.manifest)) {
      // No registry holds them; the image is never cleared.
      if (isForeignLayerType(blob.mediaType)) continue;
      const known = await records.isProven(address, blob.digest);
      const size = known ? await store.size(blob.digest) : null;
      if (size !== blob.size) throw absent(address, 'blob', blob.digest, size, blob.size);
    }
    if (stored.manifest.kind !== 'index') return;
    for (const child of stored.manifest.manifests) {
      const known = await records.getManifest(address, child.digest);
      const size = known?.bytes.length ?? null;
      if (size !== child.size) throw absent(address, 'manifest', child.digest, size, child.size);
    }
  };

  const putTag = async (address: RepositoryAddress, tag: string, digest: Digest): Promise<void> => {
    const seenAt = new Date(now()).toISOString();
    if (!stays(address, tag)) return records.putTag(address, tag, digest, seenAt);
    const standing = await records.putTagOnce(address, tag, digest, seenAt);
    if (standing !== digest) throw immutable(address, tag, standing);
  };
  /** Before anything is recorded; who pushes at the same moment is told by `putTag`. */
  const refuseOther = async (address: RepositoryAddress, tag: string, digest: Digest): Promise<void> => {
    if (!stays(address, tag)) return;
    const standing = await records.getTag(address, tag);
    if (standing !== null && standing !== digest) throw immutable(address, tag, standing);
  };
  const deleteTagged = async (address: RepositoryAddress, digest: Digest): Promise<boolean> => {
    for (;;) {
      const tags = await records.tagsOf(address, digest);
      const held = tags.find((tag) => stays(address, tag));
      if (held !== undefined) throw immutable(address, held, digest);
      const outcome = await records.deleteManifest(address, digest, tags);
      if (outcome !== 'tagged-anew') return outcome === 'deleted';
    }
  };

  return {
    exists: (address) => records.hasRepository(address),
    hasBlob: (address, blob) => records.isProven(address, blob),
    keepBlob: (address, blob, user) => keep(address, blob, { user: null, mountedBy: user }),
    async keepPushed(address, blob, user) {
      await keep(address, blob, { user, mountedBy: null });
      prepare(blob);
    },
    isPushedBy: (address, blob, user) => records.isPushedBy(address, blob, user),
    pushedTo: (blob, user) => records.pushedTo(blob, user, mostSources),
    deleteBlob: (address, blob) => records.deleteBlob(address, blob),
    async putManifest(address, stored, tags) {
      const { subject } = stored.manifest;
      for (const tag of tags) await refuseOther(address, tag, stored.digest);
      const blobs = blobsOf(stored.manifest).map(({ digest }) => digest);
      // From the look at what is there until the manifest is recorded nothing of it is collected.
      await inUse.during(blobs, async () => {
        await refuseAbsent(address, stored);
        await vetting.accept(address, stored);
      });
      if (subject !== null) await records.putSubject(stored.digest, subject);
      for (const tag of tags) await putTag(address, tag, stored.digest);
      for (const about of subjectsOf(subject, tags)) onReferrer(address, about);
    },
    async deleteManifest(address, digest) {
      const record = await records.getManifest(address, digest);
      const deleted = await deleteTagged(address, digest);
      vetting.forget(address, digest);
      if (record !== null) {
        const { subject } = parseManifest(record.bytes, record.mediaType);
        if (subject !== null) onReferrer(address, subject);
      }
      return deleted;
    },
    async deleteTag(address, tag) {
      const standing = stays(address, tag) ? await records.getTag(address, tag) : null;
      if (standing !== null) throw immutable(address, tag, standing);
      return records.deleteTag(address, tag);
    },
    listTags: (address, last, limit) => records.listTags(address, last, limit),
    referrers: (address, subject, page) => records.manifestsWithSubject(address, subject, page),
    async tagged(address, tag) {
      const digest = await records.getTag(address, tag);
      return digest === null ? null : records.getManifest(address, digest);
    },
  };
}

/** What a pushed manifest is attached to: by its subject, and by the tags that cosign gives it. */
function subjectsOf(subject: Digest | null, tags: readonly string[]): readonly Digest[] {
  const named = tags.map((tag) => {
    const [, algorithm, hex] = /^(sha256|sha512)-([0-9a-f]+)\.att$/.exec(tag) ?? [];
    return parseDigest(`${algorithm}:${hex}`);
  });
  return [subject, ...named].filter((digest) => digest !== null);
}

function immutable(address: RepositoryAddress, tag: string, digest: Digest): PratiqueError {
  const name = `${canonicalName(address)}:${tag}`;
  return new PratiqueError(
    'tag-immutable',
    `${name} is immutable (hosted.immutableTags) and leads to ${digest}: push under another tag`,
    { image: name, digest },
  );
}

function absent(
  address: RepositoryAddress,
  what: 'blob' | 'manifest',
  digest: Digest,
  found: number | null,
  stated: number,
): PratiqueError {
  const why =
    found === null
      ? `the manifest names the ${what} ${digest}, which ${canonicalName(address)} does not have: push it first`
      : `the manifest says that the ${what} ${digest} has ${stated} bytes; it has ${found}`;
  return new PratiqueError('manifest-blob-unknown', why, { repository: canonicalName(address), digest });
}
