/** How long what an upstream has said of a tag is gone by, in milliseconds. */
export interface TagTimes {
  /** A tag is answered without asking again; 0: it is asked of the upstream for every request. */
  readonly ttl: number;
  /** While the upstream does not answer, what it has said last is gone by for so long; 0: never. */
  readonly staleFor: number;
  /** An upstream that has not answered by then is not waited for, where something is known. */
  readonly staleAfter: number;
  /** That there is no such manifest is gone by for so long; 0: not at all. */
  readonly missingTtl: number;
}

export const defaultTagTimes: TagTimes = {
  ttl: 60_000,
  staleFor: 7 * 24 * 60 * 60_000,
  staleAfter: 3000,
  missingTtl: 10_000,
};
