import type { Digest } from '../digest.ts';
import type { AttachedVex } from '../vex.ts';

/** Repositories whose word on one image is read; each may have attached megabytes. Where there are more, none of them counts. */
export const mostAttachingRepositories = 64;

/** What was found attached to images, kept so that judging again needs no pull. Durable when a call resolves. */
export interface AttachedVexStore {
  /** In the order of the repositories' names. */
  attachedVex(digest: Digest): Promise<readonly AttachedVex[]>;
  /** In place of what was found in this repository before. */
  putAttachedVex(digest: Digest, found: AttachedVex): Promise<void>;
}
