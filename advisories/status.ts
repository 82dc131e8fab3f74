import type { AdvisoryIndex, FeedState } from '../core/ports/advisories.ts';

export interface FeedStatus extends FeedState {
  /** Whole hours since the data was last changed. */
  readonly ageHours: number;
}

/** What `pratique advisories status` tells. */
export interface AdvisoriesStatus {
  readonly revision: string;
  /** Of the oldest feed. */
  readonly updatedAt: string | null;
  readonly records: number;
  readonly rejected: number;
  /** Whether a known-exploited catalogue was imported. */
  readonly knownExploited: boolean;
  /** The oldest first. */
  readonly feeds: readonly FeedStatus[];
}

const hour = 3_600_000;

/** @param now milliseconds since 1970 */
export function advisoriesStatus(index: AdvisoryIndex, now: number): AdvisoriesStatus {
  const feeds = index.feeds
    .map((feed) => ({
      ...feed,
      ageHours: Math.max(0, Math.floor((now - Date.parse(feed.updatedAt)) / hour)),
    }))
    .sort((a, b) => Date.parse(a.updatedAt) - Date.parse(b.updatedAt) || (a.name < b.name ? -1 : 1));
  const advisories = feeds.filter((feed) => feed.name !== 'kev');
  return {
    revision: index.revision,
    updatedAt: feeds[0]?.updatedAt ?? null,
    records: advisories.reduce((sum, feed) => sum + feed.records, 0),
    rejected: advisories.reduce((sum, feed) => sum + feed.rejected, 0),
    knownExploited: advisories.length < feeds.length,
    feeds,
  };
}
