import type { AskContext } from '../context.ts';
import type { Digest } from '../digest.ts';
import type { StoredManifest } from '../image.ts';
import type { ManifestPointer, RepositoryAddress } from '../repository.ts';
import type { Clearance } from './gate.ts';
import type { ManifestRecord } from './records.ts';

/** A part of what refers to a digest. */
export interface ReferrersAsked {
  /** After this one (exclusive); null: from the first. */
  readonly last: Digest | null;
  readonly count: number;
  /** Bytes of manifests after which no other is added. */
  readonly bytes: number;
}

export interface Referrers {
  readonly manifests: readonly ManifestRecord[];
  /** Whether others follow. */
  readonly more: boolean;
}

/** A blob that a repository is given. */
export interface BlobClaim {
  readonly blob: Digest;
  /** Bytes. */
  readonly size: number;
  /** Who has shown that he has its bytes; null: it was taken over from another repository. */
  readonly user: string | null;
  /** On whose account it is there, where nobody has shown that; null: on nobody's. */
  readonly mountedBy: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What repositories that live here hold, beside what every repository has (`Records`). */
export interface HostedRecords {
  /**
   * Paths of an upstream's repositories (or of those that live here) that hold a manifest, after `last` (exclusive; null:
   * from the first), in the order of their bytes.
   */
  listRepositories(upstream: string, last: string | null, limit: number): Promise<readonly string[]>;
  /** Whether anything was ever pushed there. */
  hasRepository(address: RepositoryAddress): Promise<boolean>;
  /** Tags after `last` (exclusive; null: from the first), in the order of their bytes. */
  listTags(address: RepositoryAddress, last: string | null, limit: number): Promise<readonly string[]>;
  /** False where there is no such tag. */
  deleteTag(address: RepositoryAddress, tag: string): Promise<boolean>;
  /** As `Records.putTag`, where the tag is not there yet. Which digest it leads to then. */
  putTagOnce(address: RepositoryAddress, tag: string, digest: Digest, seenAt: string): Promise<Digest>;
  /** Tags that lead to a manifest, sorted. */
  tagsOf(address: RepositoryAddress, digest: Digest): Promise<readonly string[]>;
  /**
   * Takes the manifest out of the repository, and every tag that leads to it.
   * @param tags those that are known to lead to it: where they are others by now nothing is deleted
   */
  deleteManifest(
    address: RepositoryAddress,
    digest: Digest,
    tags: readonly string[],
  ): Promise<'deleted' | 'absent' | 'tagged-anew'>;
  /** The repository has the blob from now on, which is in the store. */
  putClaim(address: RepositoryAddress, claim: BlobClaim): Promise<void>;
  isPushedBy(address: RepositoryAddress, blob: Digest, user: string): Promise<boolean>;
  /** Repositories that live here, have the blob, and got it from this user; at most `limit`. */
  pushedTo(blob: Digest, user: string, limit: number): Promise<readonly RepositoryAddress[]>;
  /** False where the repository has no such blob. */
  deleteBlob(address: RepositoryAddress, blob: Digest): Promise<boolean>;
  putSubject(manifest: Digest, subject: Digest): Promise<void>;
  /** Manifests of the repository whose subject this is, in the order of their digests. */
  manifestsWithSubject(address: RepositoryAddress, subject: Digest, page: ReferrersAsked): Promise<Referrers>;
}

/** The gate for pushes that go through to an upstream. */
export interface PushGate {
  /**
   * What stands of a manifest that the upstream does not hold yet, while its blobs are there; waits at most
   * `milliseconds`. Of an index all named platforms have to be allowed.
   */
  proposed(
    address: RepositoryAddress,
    manifest: StoredManifest,
    asker: AskContext,
    milliseconds: number,
  ): Promise<Clearance>;
  /** The upstream has taken it: the repository holds it, and its vetting begins if it has not. */
  accept(address: RepositoryAddress, manifest: StoredManifest, pointer: ManifestPointer): Promise<void>;
  /** The upstream does not hold it any more. */
  remove(address: RepositoryAddress, pointer: ManifestPointer): Promise<void>;
}

/** Repositories that live here: what pushes bring and take away. What is read goes through the `Gate`. */
export interface HostedRepositories {
  exists(address: RepositoryAddress): Promise<boolean>;
  hasBlob(address: RepositoryAddress, blob: Digest): Promise<boolean>;
  /** The repository has a blob from now on, which is in the store. @param user whose quota it counts for */
  keepBlob(address: RepositoryAddress, blob: Digest, user: string | null): Promise<void>;
  /** As `keepBlob`, and `user`, who has sent its bytes, may read it back before any verdict. Its analysis begins. */
  keepPushed(address: RepositoryAddress, blob: Digest, user: string): Promise<void>;
  isPushedBy(address: RepositoryAddress, blob: Digest, user: string): Promise<boolean>;
  /** Repositories that live here, have the blob, and got it from this user; at most a hundred. */
  pushedTo(blob: Digest, user: string): Promise<readonly RepositoryAddress[]>;
  deleteBlob(address: RepositoryAddress, blob: Digest): Promise<boolean>;
  /**
   * Durable when it resolves; its vetting has begun then.
   * @throws PratiqueError `manifest-blob-unknown` where it names what the repository does not have, `tag-immutable`
   */
  putManifest(address: RepositoryAddress, manifest: StoredManifest, tags: readonly string[]): Promise<void>;
  /** @throws PratiqueError `tag-immutable` where such a tag leads to it */
  deleteManifest(address: RepositoryAddress, digest: Digest): Promise<boolean>;
  /** @throws PratiqueError `tag-immutable` */
  deleteTag(address: RepositoryAddress, tag: string): Promise<boolean>;
  listTags(address: RepositoryAddress, last: string | null, limit: number): Promise<readonly string[]>;
  /** What is recorded of any repository: also of what was pushed through to an upstream. */
  referrers(address: RepositoryAddress, subject: Digest, page: ReferrersAsked): Promise<Referrers>;
  /** The manifest to which a tag leads here; null: none. */
  tagged(address: RepositoryAddress, tag: string): Promise<ManifestRecord | null>;
}
