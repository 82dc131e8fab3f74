import type { Digest } from '../digest.ts';
import type { ReplicaImage, ReplicaVerdict } from '../replica.ts';
import type { RepositoryAddress } from '../repository.ts';
import type { Verdict } from '../verdict.ts';

/** The two streams that a replica follows. */
export type ReplicaStream = 'changes' | 'images';

/** Where a stream has been read to. */
export interface ReplicaPlace {
  /** Name of the records that the cursor is of; null: everything is read from the beginning. */
  readonly records: string | null;
  readonly cursor: number;
  /** Whether all of it has been read once, since this replica was begun. */
  readonly complete: boolean;
}

/** What is held of a verdict. */
export interface HeldVerdict {
  readonly verdict: Verdict;
  /** Since when its status is what it is, ISO 8601. */
  readonly since: string;
  /** Canonical names of the repositories that hold the image. */
  readonly images: readonly string[];
}

export type HeldImage = Pick<ReplicaImage, 'digest' | 'platforms' | 'unfit'>;

export interface HeldTag {
  readonly digest: Digest;
  /** When the proxy was asked for it, milliseconds since 1970; null: it only stood in a list. */
  readonly heardAt: number | null;
}

/** What was read of a stream. */
interface Read {
  readonly records: string;
  /** After which to go on. */
  readonly cursor: number;
  /** Whether this was all there is. */
  readonly isLast: boolean;
}

export interface ReplicaCounts {
  readonly verdicts: number;
  readonly images: number;
  readonly tags: number;
  /** Of the verdicts those that the proxy told and that could not be read (`unreadRevision`). */
  readonly unread: number;
  /** Rows that did not fit in, since the start. */
  readonly leftOut: number;
  /** Of the file. */
  readonly bytes: number;
}

/**
 * What a gate on its own feet holds on its own disk. Synchronous: it is a local file, a review asks for several things, and
 * whatever is put is durable when the call returns. What turns out to be damaged is never given out: the store is begun
 * anew, says so (`damage`), and answers that it holds nothing.
 */
export interface ReplicaStore {
  /** The text of the ground, as it was put; null: none yet. */
  ground(): string | null;
  putGround(text: string): void;
  place(stream: ReplicaStream): ReplicaPlace;
  /** Everything is read again from the beginning. What is held stays until that is done, and what was not seen then goes. */
  beginAnew(stream: ReplicaStream): void;
  /** When the proxy was last heard with nothing left to read, milliseconds since 1970; null: never yet. */
  heardAt(): number | null;
  putHeardAt(at: number): void;

  verdict(digest: Digest, policy: string): HeldVerdict | null;
  image(address: RepositoryAddress, digest: Digest): HeldImage | null;
  tag(address: RepositoryAddress, tag: string): HeldTag | null;

  /** @param forgotten policies of which nothing stands any more, before `verdicts` are taken */
  putChanges(verdicts: readonly ReplicaVerdict[], forgotten: readonly string[], read: Read): void;
  /** @param askedAt when the page was asked for, milliseconds since 1970: a tag that was heard later stays */
  putImages(
    images: readonly ReplicaImage[],
    gone: readonly Pick<ReplicaImage, 'repository' | 'digest'>[],
    read: Read,
    askedAt: number,
  ): void;
  /** What the proxy has answered about one image; a tag with when it was heard, milliseconds since 1970. */
  putVetted(
    image: ReplicaImage,
    verdicts: readonly ReplicaVerdict[],
    tag: { readonly tag: string; readonly heardAt: number } | null,
  ): void;
  /** The proxy says that it leads nowhere. */
  dropTag(address: RepositoryAddress, tag: string): void;

  counts(): ReplicaCounts;
  /** Why what was held had to be thrown away, if it had to be since the start; a sentence. */
  damage(): string | null;
  close(): void;
}
