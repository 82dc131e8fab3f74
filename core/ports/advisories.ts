import type { Cvss, FindingKind } from '../finding.ts';
import type { Severity } from '../severity.ts';

/**
 * Part of every revision: raise it when the same advisories are to be matched differently, so that what was found before
 * is not taken for what would be found now.
 */
export const matcherVersion = 5;

/** Revisions that are kept for a rollback, that in force among them, where the configuration does not say. */
export const keptRevisions = 3;

/** An event of an OSV range; exactly one of the fields is set. */
export type RangeEvent =
  | { readonly introduced: string }
  | { readonly fixed: string }
  | { readonly lastAffected: string }
  | { readonly limit: string };

/** What an advisory says of one package of one ecosystem. */
export interface AffectedPackage {
  /** OSV's words, release included: `Debian:12`, `Alpine:edge`, `npm`. */
  readonly ecosystem: string;
  readonly name: string;
  /** One list of events per range; a version is affected if it is in any range or in `versions`. */
  readonly ranges: readonly (readonly RangeEvent[])[];
  readonly versions: readonly string[];
  /** About how many there are, told without unpacking them; left out: few. */
  readonly listed?: number;
  readonly severity: Severity | null;
  /** The publisher's own word on versions that no fix ends; left out: they are affected, and that is all he says. */
  readonly state?: UnfixedState;
  /** His word behind it, a few words for a person: `no-dsa: Minor issue`. */
  readonly note?: string;
}

export type UnfixedState = 'will_not_fix' | 'under_investigation' | 'undetermined';

/** An advisory as matching needs it, whatever feed it came from. Withdrawn ones never get here. */
export interface Advisory {
  readonly id: string;
  readonly kind: FindingKind;
  readonly aliases: readonly string[];
  /** OSV `upstream`: ids that this record repeats for a distribution; a DSA may name several. */
  readonly upstream: readonly string[];
  readonly summary: string;
  readonly url: string;
  readonly severity: Severity | null;
  readonly cvss: Cvss | null;
  readonly published: string | null;
  readonly modified: string | null;
  readonly affected: readonly AffectedPackage[];
}

export interface FeedState {
  /** `osv:Debian`, `debian-tracker`, `kev`. */
  readonly name: string;
  /** ISO 8601: how old the data is, not when it was imported. */
  readonly updatedAt: string;
  readonly records: number;
  readonly rejected: number;
  /** sha256 of the bytes it was read from, hex; of an increment: of what was there before and of what came. */
  readonly fingerprint: string;
  readonly source: string;
  /** SPDX expression, or a few words. */
  readonly licence: string;
  /** The feed that it outweighs where both speak of the same ecosystem: `osv:Debian`; null: none. */
  readonly supersedes: string | null;
  /** What its publisher wants to hear at the next visit, so as to send news alone; JSON text. */
  readonly bookmark: string;
}

/** Why a feed could not be renewed. What was known of it stays in force, and grows old. */
export interface FeedProblem {
  readonly feed: string;
  readonly why: string;
  /** ISO 8601, of the first attempt that failed in a row. */
  readonly since: string;
}

/** The severity that any feed gives to an id, with where it comes from. */
export interface KnownSeverityOf {
  readonly severity: Severity;
  readonly cvss: Cvss | null;
}

/** One row of the index: an advisory's head and what it says of the package that was asked for. */
export interface AffectedRow {
  readonly advisory: Omit<Advisory, 'affected'>;
  readonly affected: AffectedPackage;
}

/** A release with less than one row in a hundred of its best relative has strays, not data. */
const leastShare = 100;

/**
 * Whether a release has more than strays that records about its relatives brought with them.
 * @param familyRows rows of the largest of its relatives
 */
export const isMoreThanStrays = (rows: number, familyRows: number): boolean =>
  rows * leastShare >= familyRows;

export interface EcosystemState {
  readonly ecosystem: string;
  /** The one that speaks for it. */
  readonly feed: string;
  readonly updatedAt: string;
  /** How many (advisory, package) rows speak of it. */
  readonly rows: number;
  /** The largest such count among the releases of the same ecosystem: a release with next to none is not covered. */
  readonly familyRows: number;
  /** When the first and the newest of its advisories were published, ISO 8601; null: none says when. */
  readonly firstAt: string | null;
  readonly newestAt: string | null;
  /** The family's feeds whose records count for it; `feed` is one of them. */
  readonly speakers: readonly string[];
  /** The family's feeds that speak of it too and are outweighed. */
  readonly outweighed: readonly string[];
}

/**
 * Read access to one revision of the advisories. Synchronous: it is used inside worker threads and by the
 * command line, never on the event loop of a server.
 */
export interface AdvisoryIndex {
  readonly revision: string;
  readonly feeds: readonly FeedState[];
  readonly problems: readonly FeedProblem[];
  /** Every ecosystem that a feed speaks for, by name. */
  readonly ecosystems: readonly EcosystemState[];
  ecosystem(name: string): EcosystemState | null;
  /**
   * Records of the feeds that speak for the ecosystem, and of no other: what one feed says of another's packages must not
   * grade, rename or silence what is found. Where nobody speaks for it, those of all.
   */
  affecting(ecosystem: string, packageName: string): readonly AffectedRow[];
  /** Names of the ecosystem's packages that end like this, of those that any advisory speaks of. */
  packagesEnding(ecosystem: string, ending: string): readonly string[];
  severityOf(id: string): KnownSeverityOf | null;
  /** Whether the id is in a known-exploited catalogue; null when none was imported. */
  knownExploited(id: string): boolean | null;
  /** Probability of exploitation, 0 to 1; null: nobody says. */
  epssOf(id: string): number | null;
  /** First day without support of a release, `2028-07-01`, by a feed; null: no feed says. */
  endOfLife(os: string, release: string): string | null;
  close(): void;
}

/**
 * Where an import writes: begins with what is in force, if anything is. Nothing is visible to readers before `commit`;
 * `abort` leaves no trace.
 */
export interface AdvisorySink {
  /** Of what is in force; empty where nothing is, or another version of Pratique wrote it. */
  readonly before: { readonly feeds: readonly FeedState[]; readonly problems: readonly FeedProblem[] };
  /** What follows is of this feed, until `finishFeed` or `undoFeed`. `anew`: what was known of it is forgotten first. */
  beginFeed(feed: string, how: 'anew' | 'further'): void;
  add(advisory: Advisory): void;
  /** Takes out records of the feed, whatever they said; how many there were. */
  remove(ids: readonly string[]): number;
  addKnownExploited(id: string, addedAt: string | null): void;
  addEpss(id: string, score: number): void;
  addEndOfLife(os: string, release: string, endsAt: string): void;
  finishFeed(state: FeedState): void;
  /** The feed is as it was before `beginFeed`. */
  undoFeed(): void;
  /** What is known of a feed stays as it is, but for its state. */
  keepFeed(state: FeedState): void;
  dropFeed(feed: string): void;
  setProblems(problems: readonly FeedProblem[]): void;
  /** Swaps the new file in whole. Returns its revision, made from the feeds' fingerprints and ages. */
  commit(): string;
  abort(): void;
}
