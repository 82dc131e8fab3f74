import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { errorText, PratiqueError } from '../core/errors.ts';
import type { AdvisorySink, FeedState } from '../core/ports/advisories.ts';
import { type AdvisorySource, type FeedFile, fingerprintOf } from './feeds/feed-file.ts';
import { describeStart } from './feeds/file-start.ts';
import { parseKev } from './feeds/kev/parse.ts';
import { readArchive } from './feeds/osv/archive.ts';
import { parseOsvRecord } from './feeds/osv/parse.ts';

export interface ImportProgress {
  readonly feed: string;
  readonly records: number;
  readonly rejected: number;
  /** True once for each feed, when it has been read. */
  readonly finished: boolean;
}

export interface RejectedRecord {
  readonly feed: string;
  readonly name: string;
  readonly why: string;
}

export interface ImportReport {
  readonly revision: string;
  readonly feeds: readonly FeedState[];
  readonly records: number;
  /** Records that their feeds have taken back. */
  readonly withdrawn: number;
  readonly rejected: number;
  /** The first of them, for a person to look at. */
  readonly rejectedExamples: readonly RejectedRecord[];
}

export interface ImportOptions {
  readonly source: AdvisorySource;
  readonly sink: AdvisorySink;
  readonly now: () => Date;
  readonly onProgress?: (progress: ImportProgress) => void;
}

const mostExamples = 20;
/** Bytes. In 2026 it has 1.6 MB. */
const largestKev = 64 * 1024 * 1024;
/** After so many records the caller is told, and whatever else the thread has to do gets a turn. */
const progressEvery = 2000;

/**
 * Reads every feed of a source into a sink and makes the result visible. All or nothing: where one feed cannot
 * be read the old advisories stay. A single broken record is counted and named instead.
 * @throws PratiqueError `advisories-unreadable`, `limit-exceeded`, `upstream-…`
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
  readonly #feeds: FeedState[] = [];
  readonly #examples: RejectedRecord[] = [];
  #withdrawn = 0;

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  async all(): Promise<ImportReport> {
    const { source, sink } = this.#options;
    for await (const feed of source.feeds()) {
      const state = await this.#one(feed);
      sink.finishFeed(state);
      this.#feeds.push(state);
    }
    const sum = (field: 'records' | 'rejected', of: readonly FeedState[]): number =>
      of.reduce((total, feed) => total + feed[field], 0);
    const records = sum(
      'records',
      this.#feeds.filter((feed) => feed.name !== 'kev'),
    );
    if (records === 0) {
      throw new PratiqueError(
        'advisories-unreadable',
        `no advisories were found in ${source.where}: <Ecosystem>/all.zip is looked for there, as osv.dev exports it`,
        { where: source.where },
      );
    }
    return {
      revision: sink.commit(),
      feeds: this.#feeds,
      records,
      withdrawn: this.#withdrawn,
      rejected: sum('rejected', this.#feeds),
      rejectedExamples: this.#examples,
    };
  }

  async #one(feed: FeedFile): Promise<FeedState> {
    const fd = open(feed);
    try {
      const counts = feed.kind === 'kev' ? this.#kev(fd, feed) : await this.#osv(fd, feed);
      this.#options.onProgress?.({ feed: feed.name, ...counts, finished: true });
      return {
        name: feed.name,
        updatedAt: this.#updatedAt(feed),
        ...counts,
        fingerprint: fingerprintOf(fd),
        source: feed.source,
      };
    } finally {
      closeSync(fd);
    }
  }

  /** A time to come would keep the feed from ever growing old. */
  #updatedAt(feed: FeedFile): string {
    const now = this.#options.now().getTime();
    return new Date(Math.min(feed.lastModified?.getTime() ?? now, now)).toISOString();
  }

  async #osv(fd: number, feed: FeedFile): Promise<{ records: number; rejected: number }> {
    let records = 0;
    let rejected = 0;
    for await (const entry of readArchive(fd, feed.source)) {
      const parsed = 'rejected' in entry ? entry : parseOsvRecord(entry.value);
      if ('advisory' in parsed) {
        this.#options.sink.add(feed.name, parsed.advisory);
        records++;
      } else if ('skipped' in parsed) {
        this.#withdrawn++;
      } else {
        rejected++;
        if (this.#examples.length < mostExamples) {
          this.#examples.push({ feed: feed.name, name: entry.name, why: parsed.rejected });
        }
      }
      if ((records + rejected) % progressEvery === 0) {
        this.#options.onProgress?.({ feed: feed.name, records, rejected, finished: false });
        await setImmediate();
      }
    }
    if (records === 0 && rejected > 0) {
      const why = this.#examples.findLast((example) => example.feed === feed.name)?.why ?? 'see the others';
      throw new PratiqueError(
        'advisories-unreadable',
        `${feed.source} holds ${rejected} entries of which none is an OSV record (one of them: ${why}). Nothing was imported`,
        { file: feed.source, rejected },
      );
    }
    return { records, rejected };
  }

  #kev(fd: number, feed: FeedFile): { records: number; rejected: number } {
    const { size } = fstatSync(fd);
    if (size > largestKev) {
      throw new PratiqueError(
        'limit-exceeded',
        `${feed.source} has ${size} bytes where ${largestKev} are allowed: it is no catalogue of known exploited vulnerabilities`,
        { file: feed.source, size },
      );
    }
    const entries = parseKev(readFileSync(fd, 'utf8'));
    if ('rejected' in entries) {
      throw new PratiqueError(
        'advisories-unreadable',
        `${feed.source} is no catalogue of known exploited vulnerabilities: ${entries.rejected}; it begins like ${describeStart(fd)}. Nothing was imported`,
        { file: feed.source },
      );
    }
    for (const entry of entries) this.#options.sink.addKnownExploited(entry.id, entry.addedAt);
    return { records: entries.length, rejected: 0 };
  }
}

function open(feed: FeedFile): number {
  try {
    return openSync(feed.file, 'r');
  } catch (error) {
    throw new PratiqueError(
      'advisories-unreadable',
      `${feed.source} cannot be opened: ${errorText(error)}`,
      { file: feed.source },
      error,
    );
  }
}
