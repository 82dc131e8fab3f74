import type { FeedState } from '../../core/ports/advisories.ts';
import type { FeedDefinition, LocalFile } from './feed.ts';

/** A feed with its place among the others. */
export interface ListedFeed extends Omit<FeedDefinition, 'remote'> {
  /** The feed that it outweighs where both speak of the same ecosystem; docs/feeds.md says why. */
  readonly supersedes: string | null;
}

/** What came of asking for a feed. */
export type Fetched =
  /** It is not there. `keeps`: which may be the fault of whoever was asked, so that what is known of it stays. */
  | { readonly kind: 'absent'; readonly keeps: boolean; readonly why: string }
  /** It is what the caller knows. `asOf`: how old that is, by whoever was asked; null: as before. */
  | { readonly kind: 'unchanged'; readonly asOf: Date | null; readonly bookmark: string }
  | FetchedFiles;

export interface FetchedFiles {
  readonly kind: 'files';
  readonly files: readonly LocalFile[];
  /** null: the files are all of it. Else what they bring in the place of these records, and all others stay. */
  readonly replaced: readonly string[] | null;
  /** For people: a path or a URL without credentials. */
  readonly source: string;
  /** How old the data is; null: nobody says. */
  readonly asOf: Date | null;
  readonly bookmark: string;
  /** The files are no longer needed. */
  readonly release: () => Promise<void>;
}

export interface FeedOffer {
  readonly feed: ListedFeed;
  /**
   * @param before what is known of the feed; null: nothing
   * @param onBytes told how far a transfer is
   * @throws PratiqueError where it cannot be had
   */
  fetch(
    before: FeedState | null,
    onBytes: (received: number, total: number | null) => void,
  ): Promise<Fetched>;
}

/** Where advisories come from. */
export interface AdvisorySource {
  /** For messages: what was looked at. */
  readonly where: string;
  /**
   * The feeds that can be asked for. Others that are known are given up.
   * @throws PratiqueError where not even that can be told
   */
  offers(): Promise<readonly FeedOffer[]>;
}
