import type { Digest } from '../../core/digest.ts';
import type { PlainError } from '../../core/errors.ts';
import type { EvaluatedEntry, EvaluatedMatch } from '../../core/ports/verdicts.ts';
import type { RecordedImage } from '../../db/reevaluation.ts';
import { type Bench, type Rejudged, rejudge } from './reevaluation-task.ts';

/** Recorded images after a position (exclusive; null: from the first), in the order of their positions. */
export type Pages = (after: number | null, limit: number) => readonly RecordedImage[];

/** What some images in a row have come to. */
export interface Batch {
  readonly entries: readonly EvaluatedEntry[];
  readonly matches: readonly EvaluatedMatch[];
  /** Images of which something else is said than before. */
  readonly changed: readonly Digest[];
  readonly problems: readonly { readonly digest: Digest; readonly error: PlainError }[];
  readonly images: number;
  /** Position of the last one. */
  readonly last: number;
}

export interface BatchLimits {
  readonly images: number;
  /** Characters of verdicts, and findings that were made again, after which a batch is handed on. */
  readonly characters: number;
  readonly findings: number;
}

/**
 * Small, because all others wait for the state's thread while it writes one; so large that waiting for the disk is not
 * most of it.
 */
export const batchLimits: BatchLimits = { images: 200, characters: 2_000_000, findings: 20_000 };

/** Judges every recorded image after `after` but for those that were judged before, with one page in memory at a time. */
export function* batches(
  pages: Pages,
  bench: Bench,
  after: number | null,
  before: ReadonlySet<number> = new Set(),
  limits: BatchLimits = batchLimits,
): Generator<Batch, void, undefined> {
  let last = after;
  for (;;) {
    const page = pages(last, limits.images);
    if (page.length === 0) return;
    yield* judgeAll(
      page.filter(({ position }) => !before.has(position)),
      bench,
      limits,
    );
    last = page.at(-1)?.position ?? last;
  }
}

/** Judges these. What a batch holds is bounded by the limits and one image. */
export function* judgeAll(
  images: Iterable<RecordedImage>,
  bench: Bench,
  limits: BatchLimits = batchLimits,
): Generator<Batch, void, undefined> {
  let batch = emptyBatch();
  let last: number | null = null;
  for (const image of images) {
    batch.add(rejudge(image, bench));
    last = image.position;
    if (!batch.isFull(limits)) continue;
    yield batch.ended(last);
    batch = emptyBatch();
    last = null;
  }
  if (last !== null) yield batch.ended(last);
}

function emptyBatch() {
  const entries: EvaluatedEntry[] = [];
  const matches: EvaluatedMatch[] = [];
  const changed: Digest[] = [];
  const problems: Batch['problems'][number][] = [];
  let images = 0;
  let characters = 0;
  let findings = 0;
  return {
    add: ({ digest, match, problem, ...result }: Rejudged): void => {
      images += 1;
      for (const entry of result.entries) {
        entries.push(entry);
        characters += entry.text?.length ?? 0;
      }
      if (match !== null) matches.push(match);
      for (const found of match?.found.packages ?? []) findings += found.findings.length;
      if (result.entries.some(({ change }) => change !== null)) changed.push(digest);
      if (problem !== null) problems.push({ digest, error: problem });
    },
    isFull: (limits: BatchLimits): boolean =>
      images >= limits.images || characters >= limits.characters || findings >= limits.findings,
    ended: (last: number): Batch => ({ entries, matches, changed, problems, images, last }),
  };
}
