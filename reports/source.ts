import type { Change } from '../core/change.ts';
import type { Digest } from '../core/digest.ts';
import type { GrantedException } from '../core/exception.ts';
import type { MatchResult } from '../core/finding.ts';
import type { Sighting, WatchedCluster } from '../core/ports/sightings.ts';
import type { HistoryAsked, StandingVerdict, StatusDay } from '../core/ports/verdicts.ts';

/** At once from a file that is open for reading, later from the thread that keeps it. */
export type Awaitable<Value> = Value | Promise<Value>;

/** What reports read; the ports of core say what each one means. */
export interface ReportSource {
  pageVerdicts(
    after: { readonly digest: Digest; readonly policy: string } | null,
    limit: number,
  ): Awaitable<readonly StandingVerdict[]>;
  getMatch(digest: Digest, advisoriesRevision: string | null): Awaitable<MatchResult | null>;
  sightings(since: string): Awaitable<readonly Sighting[]>;
  watchedClusters(since: string): Awaitable<readonly WatchedCluster[]>;
  listExceptions(at: string | null): Awaitable<readonly GrantedException[]>;
  changesAfter(cursor: number, limit: number): Awaitable<readonly Change[]>;
  history(asked: HistoryAsked): Awaitable<readonly Change[]>;
  statusByDay(policy: string, from: string, to: string): Awaitable<readonly StatusDay[]>;
}

/** One image with what stands of it by each policy that was asked. */
export interface JudgedImage {
  readonly digest: Digest;
  readonly images: readonly string[];
  readonly verdicts: readonly StandingVerdict[];
}

/** How much a report may read. */
export interface Reading {
  readonly source: ReportSource;
  /** Whether its time is over; it then tells what it has, and that it is not all. */
  readonly isOver: () => boolean;
}

/** Verdicts that are in memory at once. */
const pageSize = 500;

/**
 * Every image that has a verdict, a page at a time, in the order of digests.
 * @param policy verdicts of this policy alone, and images that have one; null: of all
 * @returns whether that was all of them
 */
export async function eachImage(
  { source, isOver }: Reading,
  policy: string | null,
  visit: (image: JudgedImage) => Awaitable<void>,
): Promise<boolean> {
  let open: StandingVerdict[] = [];
  let after: { readonly digest: Digest; readonly policy: string } | null = null;
  const close = async (): Promise<void> => {
    const verdicts = policy === null ? open : open.filter((one) => one.policy === policy);
    open = [];
    const [first] = verdicts;
    if (first !== undefined) await visit({ digest: first.digest, images: first.images, verdicts });
  };
  for (;;) {
    if (isOver()) return false;
    const page: readonly StandingVerdict[] = await source.pageVerdicts(after, pageSize);
    for (const standing of page) {
      if (open[0] !== undefined && open[0].digest !== standing.digest) {
        await close();
        if (isOver()) return false;
      }
      open.push(standing);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) break;
    after = { digest: last.digest, policy: last.policy };
  }
  await close();
  return true;
}

/**
 * What was found in an image when its newest verdict was made, or what is found in it by now; null: neither is
 * recorded, so only the verdict's summary is known.
 */
export async function matchOf(source: ReportSource, image: JudgedImage): Promise<MatchResult | null> {
  const newest = image.verdicts.toSorted((a, b) => (a.verdict.evaluatedAt < b.verdict.evaluatedAt ? 1 : -1));
  for (const revision of new Set(newest.map(({ verdict }) => verdict.advisoriesRevision))) {
    const match = await source.getMatch(image.digest, revision);
    if (match !== null) return match;
  }
  return source.getMatch(image.digest, null);
}

export const timeIsOver = 'the time for the report was over before everything was read';
