import { isPratiqueError, PratiqueError } from '../core/errors.ts';
import type { FeedProblem, FeedState } from '../core/ports/advisories.ts';
import { isBeside } from './feeds/beside.ts';
import type { FeedOffer } from './feeds/offer.ts';
import { type FeedOutcome, importFeed } from './import-feed.ts';
import type { ImportOptions, RejectedRecord } from './import-options.ts';

/** What an update made of a feed. */
export interface FeedReport {
  readonly state: FeedState;
  /** `read`: all of it; `further`: what has changed; `unchanged`; `kept`: it could not be had, and stays as it was. */
  readonly what: 'read' | 'further' | 'unchanged' | 'kept';
}

export interface ImportReport {
  readonly revision: string;
  readonly feeds: readonly FeedReport[];
  /** Advisories of all feeds that are in force. */
  readonly records: number;
  /** Records that their feeds have taken back, of those that were read now. */
  readonly withdrawn: number;
  /** Records that could not be read, of those that were read now. */
  readonly rejected: number;
  /** The first of them, for a person to look at. */
  readonly rejectedExamples: readonly RejectedRecord[];
  /** Feeds that could not be renewed. */
  readonly problems: readonly FeedProblem[];
  /** Feeds that were in force and are no longer. */
  readonly dropped: readonly string[];
}

const mostExamples = 20;
/** Feeds that are named when none could be had. */
const mostTold = 3;

/**
 * Reads every feed of a source into a sink and makes the result visible. A feed that cannot be had or read leaves the
 * others alone, and what was known of it in place; it is told. A single broken record is counted and named.
 * @throws PratiqueError `advisories-unreadable` where not one feed could be had, or none holds an advisory; `data-unusable` (a full disk);
 *   the old advisories then stay
 */
export async function importAdvisories(options: ImportOptions): Promise<ImportReport> {
  const run = new ImportRun(options);
  try {
    return await run.all();
  } catch (error) {
    options.sink.abort();
    throw error;
  }
}

class ImportRun {
  readonly #options: ImportOptions;
  readonly #before: ReadonlyMap<string, FeedState>;
  readonly #reports: FeedReport[] = [];
  readonly #problems: FeedProblem[] = [];
  readonly #examples: RejectedRecord[] = [];
  #withdrawn = 0;
  #rejected = 0;

  constructor(options: ImportOptions) {
    this.#options = options;
    this.#before = new Map(options.sink.before.feeds.map((feed) => [feed.name, feed]));
  }

  async all(): Promise<ImportReport> {
    const { source, sink } = this.#options;
    const offers = await source.offers();
    for (const offer of offers) await this.#one(offer);
    if (!this.#reports.some(({ what }) => what !== 'kept')) throw this.#nothing();
    const dropped = this.#drop(offers);
    sink.setProblems(this.#problems);
    const records = this.#reports.reduce(
      (sum, { state }) => sum + (isBeside(state.name) ? 0 : state.records),
      0,
    );
    if (records === 0) throw this.#nothing();
    return {
      revision: sink.commit(),
      feeds: this.#reports,
      records,
      withdrawn: this.#withdrawn,
      rejected: this.#rejected,
      rejectedExamples: this.#examples,
      problems: this.#problems,
      dropped,
    };
  }

  async #one(offer: FeedOffer): Promise<void> {
    const { feed } = offer;
    const before = this.#before.get(feed.name) ?? null;
    try {
      const outcome = await importFeed(offer, before, this.#options, (example) => {
        if (this.#examples.length < mostExamples) this.#examples.push(example);
      });
      this.#take(outcome, before, feed.name);
    } catch (error) {
      // What is wrong with the place where it is written is wrong with the whole import.
      if (!isPratiqueError(error) || error.code === 'data-unusable') throw error;
      this.#fail(feed.name, error.message, before);
    }
  }

  #take(outcome: FeedOutcome, before: FeedState | null, feed: string): void {
    if (outcome.kind === 'absent') {
      if (outcome.keeps && before !== null) this.#fail(feed, `${outcome.why}: it was there before`, before);
      return;
    }
    this.#withdrawn += outcome.withdrawn;
    this.#rejected += outcome.rejected;
    this.#reports.push({ state: outcome.state, what: outcome.what });
  }

  #fail(feed: string, why: string, before: FeedState | null): void {
    const known = this.#options.sink.before.problems.find((one) => one.feed === feed);
    const since = known?.since ?? this.#options.now().toISOString();
    this.#problems.push({ feed, why, since });
    if (before !== null) this.#reports.push({ state: before, what: 'kept' });
  }

  /** What nobody offers any more, and what its publisher has no more. */
  #drop(offers: readonly FeedOffer[]): readonly string[] {
    const offered = new Set(offers.map(({ feed }) => feed.name));
    const there = new Set(this.#reports.map(({ state }) => state.name));
    const gone = [...this.#before.keys()].filter((name) => !offered.has(name) || !there.has(name));
    for (const name of gone) this.#options.sink.dropFeed(name);
    return gone;
  }

  #nothing(): PratiqueError {
    const { where } = this.#options.source;
    const told = this.#problems.slice(0, mostTold).map((one) => `${one.feed}: ${one.why}`);
    const more = this.#problems.length - told.length;
    const why = `${told.join('; ')}${more > 0 ? `; and ${more} more feeds` : ''}`;
    return new PratiqueError(
      'advisories-unreadable',
      `no advisories were found in ${where}: ${why === '' ? '<Ecosystem>/all.zip is looked for there, as osv.dev exports it' : why}`,
      { where },
    );
  }
}
