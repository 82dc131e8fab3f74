import type { AdvisoryIndex, EcosystemState, FeedProblem, FeedState } from '../core/ports/advisories.ts';
import { systemOfEcosystem } from './ecosystems.ts';
import { endOfLifeOf } from './end-of-life.ts';
import { isBeside } from './feeds/beside.ts';
import { isCovered } from './match/ground.ts';

export interface FeedStatus extends Omit<FeedState, 'bookmark'> {
  /** Whole hours since the data was last changed. */
  readonly ageHours: number;
}

/** Whether and how a feed speaks for an ecosystem and release. */
export interface CoverageStatus extends EcosystemState {
  readonly covered: boolean;
  /** First day without support, `2028-07-01`; null: not known, or none is planned. */
  readonly endOfLife: string | null;
  readonly ended: boolean;
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
  /** Feeds that could not be renewed. */
  readonly problems: readonly FeedProblem[];
  /** The oldest first. */
  readonly feeds: readonly FeedStatus[];
  /** What is not covered or has ended first, then by name. */
  readonly coverage: readonly CoverageStatus[];
}

const hour = 3_600_000;

/** @param now milliseconds since 1970 */
export function advisoriesStatus(index: AdvisoryIndex, now: number): AdvisoriesStatus {
  const feeds = index.feeds
    .map(({ bookmark: _, ...feed }) => ({
      ...feed,
      ageHours: Math.max(0, Math.floor((now - Date.parse(feed.updatedAt)) / hour)),
    }))
    .sort((a, b) => Date.parse(a.updatedAt) - Date.parse(b.updatedAt) || (a.name < b.name ? -1 : 1));
  const advisories = feeds.filter((feed) => !isBeside(feed.name));
  return {
    revision: index.revision,
    updatedAt: feeds[0]?.updatedAt ?? null,
    records: advisories.reduce((sum, feed) => sum + feed.records, 0),
    rejected: feeds.reduce((sum, feed) => sum + feed.rejected, 0),
    knownExploited: feeds.some(({ name }) => name === 'kev'),
    problems: index.problems,
    feeds,
    coverage: index.ecosystems
      .map((state) => coverageStatus(state, index, now))
      .sort(
        (a, b) =>
          Number(a.covered) - Number(b.covered) ||
          Number(b.ended) - Number(a.ended) ||
          (a.ecosystem < b.ecosystem ? -1 : 1),
      ),
  };
}

function coverageStatus(state: EcosystemState, index: AdvisoryIndex, now: number): CoverageStatus {
  const endOfLife = endOfLifeOf(systemOfEcosystem(state.ecosystem), index);
  return {
    ...state,
    covered: isCovered(state),
    endOfLife,
    ended: endOfLife !== null && Date.parse(endOfLife) <= now,
  };
}
