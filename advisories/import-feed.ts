import { setImmediate } from 'node:timers/promises';
import { isPratiqueError, PratiqueError } from '../core/errors.ts';
import type { AdvisorySink, FeedState } from '../core/ports/advisories.ts';
import type { FeedRecord } from './feeds/feed.ts';
import { fingerprintOf } from './feeds/fingerprint.ts';
import type { FeedOffer, FetchedFiles, ListedFeed } from './feeds/offer.ts';
import type { ImportOptions, RejectedRecord } from './import-options.ts';
import { withoutRedundantVersions } from './redundant-versions.ts';

export type FeedOutcome =
  | { readonly kind: 'absent'; readonly keeps: boolean; readonly why: string }
  | {
      readonly kind: 'there';
      readonly what: 'read' | 'further' | 'unchanged';
      readonly state: FeedState;
      readonly withdrawn: number;
      readonly rejected: number;
    };

/** After so many records the caller is told, and whatever else the thread has to do gets a turn. */
const progressEvery = 2000;
/** A record that says it was published later than that after now has a wrong clock, milliseconds. */
const clockTolerance = 86_400_000;

/**
 * One feed, into the sink. Where it fails, the sink is as it was before.
 * @throws PratiqueError where it cannot be had or read
 */
export async function importFeed(
  offer: FeedOffer,
  before: FeedState | null,
  options: ImportOptions,
  onRejected: (example: RejectedRecord) => void,
): Promise<FeedOutcome> {
  const { feed } = offer;
  const { onProgress } = options;
  const got = await offer.fetch(before, (done, total) =>
    onProgress?.({ feed: feed.name, stage: 'fetching', done, total, rejected: 0 }),
  );
  if (got.kind === 'absent') return got;
  if (got.kind === 'unchanged') {
    if (before === null) throw new Error(`${feed.name} is unchanged, but nothing is known of it`);
    const state = { ...before, updatedAt: ageOf(got.asOf, before, options), bookmark: got.bookmark };
    return kept(state, options.sink);
  }
  try {
    const isWhole = got.replaced === null;
    const fingerprint = await fingerprintOf(got.files, isWhole ? null : (before?.fingerprint ?? ''));
    const state = {
      name: feed.name,
      updatedAt: ageOf(got.asOf, before, options),
      fingerprint,
      source: got.source,
      licence: feed.licence,
      supersedes: feed.supersedes,
      bookmark: got.bookmark,
    };
    if (isWhole && before?.fingerprint === fingerprint) return kept({ ...before, ...state }, options.sink);
    return await read(feed, got, state, before, options, onRejected);
  } catch (error) {
    options.sink.undoFeed();
    if (isPratiqueError(error)) throw shownOf(error, got);
    throw error;
  } finally {
    await got.release();
  }
}

function kept(state: FeedState, sink: AdvisorySink): FeedOutcome {
  sink.keepFeed(state);
  return { kind: 'there', what: 'unchanged', state, withdrawn: 0, rejected: 0 };
}

/** A time to come would keep the feed from ever growing old. */
function ageOf(asOf: Date | null, before: FeedState | null, options: ImportOptions): string {
  const now = options.now();
  if (asOf === null) return before?.updatedAt ?? now.toISOString();
  return new Date(Math.min(asOf.getTime(), now.getTime())).toISOString();
}

async function read(
  feed: ListedFeed,
  got: FetchedFiles,
  head: Omit<FeedState, 'records' | 'rejected'>,
  before: FeedState | null,
  { sink, now, onProgress }: ImportOptions,
  onRejected: (example: RejectedRecord) => void,
): Promise<FeedOutcome> {
  const { replaced } = got;
  sink.beginFeed(feed.name, replaced === null ? 'anew' : 'further');
  const latest = now().getTime() + clockTolerance;
  let [records, rejected, withdrawn] = [0, 0, 0];
  const changed = replaced === null ? null : await gathered(feed.read(got.files));
  const removed = changed === null ? 0 : sink.remove(idsOf(changed));
  for await (const record of changed ?? feed.read(got.files)) {
    if (record.kind === 'withdrawn') withdrawn += 1;
    else if (record.kind === 'rejected') {
      rejected += 1;
      onRejected({ feed: feed.name, name: record.name, why: record.why });
    } else {
      put(sink, record, latest);
      records += 1;
    }
    if ((records + rejected + withdrawn) % progressEvery !== 0) continue;
    onProgress?.({ feed: feed.name, stage: 'reading', done: records, total: null, rejected });
    await setImmediate();
  }
  onProgress?.({ feed: feed.name, stage: 'read', done: records, total: records, rejected });
  if (replaced === null && records === 0 && (before?.records ?? 0) > 0) {
    const [first] = got.files;
    throw new PratiqueError(
      'advisories-unreadable',
      `${first?.file ?? got.source} holds nothing, where ${before?.records ?? 0} records were before`,
      { source: got.source },
    );
  }
  if (replaced === null) refuseUnreadable(got, records, rejected, before);
  const stayed = replaced === null ? { records: 0, rejected: 0 } : (before ?? { records: 0, rejected: 0 });
  const state = {
    ...head,
    records: stayed.records - removed + records,
    rejected: stayed.rejected + rejected,
  };
  sink.finishFeed(state);
  const what = replaced === null ? 'read' : 'further';
  return { kind: 'there', what, state, withdrawn, rejected };
}

/** An increment, which has bounds of its own (`feeds/osv/offers.ts`). */
async function gathered(records: AsyncIterable<FeedRecord>): Promise<readonly FeedRecord[]> {
  const all: FeedRecord[] = [];
  for await (const record of records) all.push(record);
  return all;
}

/** What a record that can be read takes the place of: one that cannot leaves the old one in force. */
function idsOf(records: readonly FeedRecord[]): readonly string[] {
  return records.flatMap((record) => {
    if (record.kind === 'advisory') return [record.advisory.id];
    return record.kind === 'withdrawn' ? [record.id] : [];
  });
}

/** Of a whole feed: so many unreadable records at once are a change of its format and not some slips of the pen. */
const mostSlips = 20;
const mostSlipsShare = 0.05;

function refuseUnreadable(
  got: FetchedFiles,
  records: number,
  rejected: number,
  before: FeedState | null,
): void {
  if (before === null || rejected <= Math.max(mostSlips, 2 * before.rejected)) return;
  if (rejected <= mostSlipsShare * (records + rejected)) return;
  throw new PratiqueError(
    'advisories-unreadable',
    `${got.files[0]?.file ?? got.source} holds ${rejected} records of ${records + rejected} that cannot be read, where ${before.rejected} were before: its format may have changed`,
    { source: got.source, rejected },
  );
}

/** @param latest milliseconds: what was published later has a wrong clock, and then nobody knows when it was */
function put(
  sink: AdvisorySink,
  record: Exclude<FeedRecord, { kind: 'rejected' | 'withdrawn' }>,
  latest: number,
): void {
  switch (record.kind) {
    case 'advisory': {
      const advisory = withoutRedundantVersions(record.advisory);
      const isToCome = advisory.published !== null && Date.parse(advisory.published) > latest;
      sink.add(isToCome ? { ...advisory, published: null } : advisory);
      return;
    }
    case 'exploited':
      sink.addKnownExploited(record.id, record.addedAt);
      return;
    case 'epss':
      sink.addEpss(record.id, record.score);
      return;
    case 'end-of-life':
      sink.addEndOfLife(record.os, record.release, record.endsAt);
  }
}

/** Files that were fetched are called by where they came from. */
function shownOf(error: PratiqueError, { files, source }: FetchedFiles): PratiqueError {
  const message = files.reduce((text, { file, path }) => {
    const origin = source.endsWith('/') ? `${source}${path}` : source;
    return text.replaceAll(file, origin);
  }, error.message);
  return message === error.message ? error : new PratiqueError(error.code, message, error.fields, error);
}
