import type { Digest } from '../../core/digest.ts';

/** Whose upload it is: nobody else can see it, continue it or end it. */
export interface UploadOwner {
  /** Key of the repository (`repositoryKey`). */
  readonly repository: string;
  readonly user: string;
}

export interface UploadStatus {
  readonly id: string;
  /** Bytes that have arrived. */
  readonly offset: number;
}

/** What a request says of the bytes that it brings. */
export interface ChunkClaim {
  /** The offset at which they begin; null: where the upload is. */
  readonly start: number | null;
  /** How many there are; null: as many as come. */
  readonly length: number | null;
}

/** An upload with the bytes that it has brought, or has announced where that is more. */
export interface UploadUnderWay {
  readonly owner: UploadOwner;
  readonly bytes: number;
}

/** Says how much may come. */
export interface RoomKeeper {
  /**
   * Looks up what there is now; what it gives throws `quota-exceeded` where that and what is under way are too much, and
   * can be asked again while bytes come.
   */
  roomFor(owner: UploadOwner): Promise<(underWay: Iterable<UploadUnderWay>) => void>;
}

/**
 * Blobs on their way in. They lie in a folder of their own and outlive the process; nothing of them can be read
 * before `finish` has found their digest right. Every method but `begin` throws `upload-unknown` for an id that is
 * not the owner's.
 */
export interface Uploads {
  /** @throws PratiqueError `queue-full` where there are too many already, `quota-exceeded` */
  begin(owner: UploadOwner): Promise<UploadStatus>;
  /** Ends a request that still waits for bytes: who asks has lost his connection. */
  status(id: string, owner: UploadOwner): Promise<UploadStatus>;
  /**
   * Bytes that came before the source failed are kept, so that the client can go on from there. A later request for
   * the same upload ends an earlier one that still waits for bytes.
   * @throws PratiqueError `upload-out-of-order`, `upload-invalid`, `limit-exceeded`, `quota-exceeded`,
   * `storage-full`, `vetting-failed` for the disk's own failures; what the source throws comes through as it is
   */
  append(
    id: string,
    owner: UploadOwner,
    source: AsyncIterable<Uint8Array>,
    claim: ChunkClaim,
  ): Promise<UploadStatus>;
  /**
   * Moves the bytes into the blob store. The upload is over, whatever comes of it; it counts as under way until `recorded`
   * has ended, which records what came in.
   * @returns the blob's size in bytes
   * @throws PratiqueError `digest-mismatch`, `quota-exceeded`
   */
  finish(id: string, owner: UploadOwner, digest: Digest, recorded?: () => Promise<void>): Promise<number>;
  cancel(id: string, owner: UploadOwner): Promise<void>;
  /**
   * Bytes that come in without an upload, such as a mount's: they count as under way until `recorded` has ended.
   * @throws PratiqueError `quota-exceeded`; what `recorded` throws
   */
  withRoom(owner: UploadOwner, bytes: number, recorded: () => Promise<void>): Promise<void>;
  /** Removes what nobody has touched for long, or what has been under way for too long; gives their number. */
  expire(): Promise<number>;
}

export interface UploadLimits {
  /** Uploads under way, of everybody together. */
  readonly uploads: number;
  readonly uploadsPerUser: number;
  /** Bytes of one blob. */
  readonly bytes: number;
  /** Milliseconds without a request. */
  readonly idle: number;
  /** Milliseconds from its beginning. */
  readonly age: number;
}

export const defaultUploadLimits: UploadLimits = {
  uploads: 1000,
  uploadsPerUser: 200,
  bytes: 32 * 1024 ** 3,
  idle: 60 * 60 * 1000,
  age: 24 * 60 * 60 * 1000,
};
