import type { FeedDefinition } from './feed.ts';
import type { ListedFeed } from './offer.ts';

/** A publisher's own feed, with the way to its files. */
export interface NativeFeed {
  readonly feed: ListedFeed;
  readonly remote: FeedDefinition['remote'];
}

const native = ({ remote, ...feed }: FeedDefinition, supersedes: string | null): NativeFeed => ({
  feed: { ...feed, supersedes },
  remote,
});

/**
 * Feeds that their publishers have themselves, beside what osv.dev gathers and CISA's catalogue. Which one speaks for an
 * ecosystem, and why, is a table in docs/feeds.md; the second argument is that decision.
 */
export const nativeFeeds: readonly NativeFeed[] = [];
void native;
