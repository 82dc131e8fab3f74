import type { Digest } from '../digest.ts';
import type { ManifestPointer, RepositoryAddress } from '../repository.ts';

/** A blob that lies in the store. */
export interface StoredBlob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970: when somebody last read or wrote it. */
  readonly usedAt: number;
}

/** What decides whether a stored blob may go. */
export interface CachedBlob extends StoredBlob {
  /** A manifest of a hosted repository refers to it: this is the only copy. */
  readonly hosted: boolean;
  /** A pinned image has it. */
  readonly pinned: boolean;
  /** A manifest of any repository refers to it. */
  readonly referenced: boolean;
  /** When a hosted repository was last given it, by a push or a mount; null: none has it. Milliseconds since 1970. */
  readonly claimedAt: number | null;
}

export interface CacheTotals {
  readonly bytes: number;
  readonly blobs: number;
}

/** Which blobs are asked to be let go, and on which terms; what was chosen may have become another since. */
export interface BlobRelease {
  readonly blobs: readonly Pick<StoredBlob, 'digest' | 'usedAt'>[];
  /** Only where no manifest refers to it. */
  readonly unreferenced: boolean;
  /** Milliseconds since 1970: what a hosted repository was given later than that stays. */
  readonly claimedBefore: number;
}

/** A blob that a hosted repository was given, and that no manifest there refers to. */
export interface IdleClaim {
  readonly blob: Digest;
  /** Row of the repository. */
  readonly repository: number;
}

/** What the cache is asked to do by hand. Bytes; milliseconds since 1970. */
export interface CacheOrder {
  readonly kind: 'prune';
  readonly dryRun: boolean;
  /** What no manifest refers to. */
  readonly unreferenced: boolean;
  /** Go, least recently used first, until no more than that is left; null: says nothing. */
  readonly to: number | null;
  /** What nobody used since goes; null: says nothing. */
  readonly usedBefore: number | null;
  /** What hosted repositories were given before that and never named in a manifest is unreferenced. */
  readonly claimedBefore: number;
}

/** How far an order is, or what came of it. */
export interface CacheOutcome {
  readonly blobs: number;
  readonly bytes: number;
  /** Of these, by why they went. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface CacheRequest {
  readonly id: number;
  readonly order: CacheOrder;
  readonly state: 'asked' | 'running' | 'done' | 'failed';
  readonly outcome: CacheOutcome | null;
  /** Why it failed. */
  readonly problem: string | null;
}

/** An image that stays in the cache whatever its size and age. A pin of a tag goes with the tag. */
export interface CachePin {
  readonly address: RepositoryAddress;
  readonly pointer: ManifestPointer;
  readonly by: string;
  readonly note: string;
  /** ISO 8601. */
  readonly at: string;
}

/** A pin with what is in the store of it. */
export interface HeldPin extends CachePin {
  /** What is pinned now; null: the tag is not known here. */
  readonly digest: Digest | null;
  readonly blobs: number;
  readonly bytes: number;
}

/** Who has how much in the store. A blob of two repositories counts in both. */
export interface CacheShare extends CacheTotals {
  readonly name: string;
}

export interface CacheStanding extends CacheTotals {
  readonly pinned: CacheTotals;
  /** Of hosted repositories: this is the only copy. */
  readonly hosted: CacheTotals;
  /** What no manifest refers to. */
  readonly unreferenced: CacheTotals;
  /** Largest first. */
  readonly upstreams: readonly CacheShare[];
  readonly repositories: readonly CacheShare[];
}

/** What is known of the blobs in the store. */
export interface CacheRecords {
  /** These lie in the store, and were used; the later of two times stays. Gives what there is of all. */
  putBlobUses(blobs: readonly StoredBlob[]): Promise<CacheTotals>;
  cacheTotals(): Promise<CacheTotals>;
  /** Least recently used first, after a blob (exclusive; null: from the first). */
  blobsByUse(after: StoredBlob | null, limit: number): Promise<readonly CachedBlob[]>;
  /**
   * Takes those out of the records that may go now, with what hosted repositories were given of them; gives these. Their
   * files are to be removed next, and nobody may write or use them meanwhile (`BlobLeases`).
   */
  releaseBlobs(release: BlobRelease): Promise<readonly Digest[]>;
  /** What is recorded of a part of the store: blobs whose hex digest begins so. */
  storedBlobs(algorithm: 'sha256' | 'sha512', hexPrefix: string): Promise<readonly Digest[]>;
  /** They are not in the store any more. Whoever has them has them still, and has to bring them again. */
  forgetBlobs(blobs: readonly Digest[]): Promise<void>;
  /** Given before `claimedBefore`, milliseconds since 1970. */
  idleClaims(claimedBefore: number, limit: number): Promise<readonly IdleClaim[]>;
  /** The repositories do not have them any more, where they are still idle. Gives how many. */
  dropClaims(claims: readonly IdleClaim[], claimedBefore: number): Promise<number>;

  /** The oldest order that nobody has begun; it counts as begun. */
  nextCacheRequest(): Promise<CacheRequest | null>;
  /** Orders that an earlier life of the process has begun are begun anew. */
  resumeCacheRequests(): Promise<void>;
  putCacheOutcome(
    id: number,
    state: CacheRequest['state'],
    outcome: CacheOutcome | null,
    problem: string | null,
  ): Promise<void>;
}

/** What is asked beside a server. */
export interface CacheDesk {
  /** @param at ISO 8601. Gives the order's id. */
  askCache(order: CacheOrder, at: string): Promise<number>;
  cacheRequest(id: number): Promise<CacheRequest | null>;
  putPin(pin: CachePin): Promise<void>;
  /** False where there is none. */
  deletePin(address: RepositoryAddress, pointer: ManifestPointer): Promise<boolean>;
}

/** What only reads. */
export interface CacheView {
  pins(): Promise<readonly HeldPin[]>;
  /** @param top so many repositories */
  cacheStanding(top: number): Promise<CacheStanding>;
  /** Paths of hosted repositories that hold anything. */
  hostedPaths(): Promise<readonly string[]>;
  /** Bytes of distinct blobs that these hosted repositories were given, or refer to. */
  bytesOfRepositories(paths: readonly string[]): Promise<number>;
  /** Bytes of distinct blobs that the user has pushed to hosted repositories. */
  bytesOfUser(user: string): Promise<number>;
}
