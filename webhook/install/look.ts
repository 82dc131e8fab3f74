import { isPratiqueError } from '../../core/errors.ts';
import type { ClusterClient } from '../cluster/client.ts';
import { mapBounded } from '../deadline.ts';
import { type Probed, probe } from './probe.ts';
import type { ImageUse } from './uses.ts';

/** What would be refused, one row for an image and what is said of it. */
export interface Refusal {
  readonly image: string;
  readonly namespaces: readonly string[];
  /** Pods that run it now. */
  readonly running: number;
  /** It is being inspected, and may be allowed later. */
  readonly notYet: boolean;
  readonly why: string;
}

export interface Look {
  /** Distinct images that are judged. */
  readonly images: number;
  readonly refused: readonly Refusal[];
  /** Distinct images that would be refused, and those of them that run now. */
  readonly refusedImages: number;
  readonly refusedRunning: number;
  /** Uses of which nothing is known: no answer, or no time; with a reason. */
  readonly unknown: { readonly count: number; readonly why: string | null };
}

const atOnce = 12;
/** Milliseconds for one question; the webhook itself has 15 s at most. */
const longestQuestion = 20_000;
const mostQuestions = 5000;

/**
 * Asks of everything that runs, or will, whether the webhook would let it in today.
 * @param milliseconds after which the rest is not asked any more
 * @param ticks milliseconds of a clock that nobody sets
 * @param onAsked told after each question how many of all have been asked
 */
export async function lookAt(
  client: ClusterClient,
  uses: readonly ImageUse[],
  milliseconds: number,
  ticks: () => number,
  onAsked: (done: number, all: number) => void = () => undefined,
): Promise<Look> {
  const end = ticks() + milliseconds;
  let unknown = 0;
  let why: string | null = null;
  const rows = new Map<string, { use: ImageUse; namespaces: Set<string>; running: number; why: string }>();
  const note = (use: ImageUse, probed: Probed): void => {
    if (probed.kind === 'passes') return;
    if (probed.kind === 'unheard') {
      unknown += 1;
      why ??= probed.why;
      return;
    }
    const key = JSON.stringify([use.image, probed.why]);
    const row = rows.get(key) ?? { use, namespaces: new Set<string>(), running: 0, why: probed.why };
    row.namespaces.add(use.namespace);
    row.running += use.running;
    rows.set(key, row);
  };
  let done = 0;
  await mapBounded(uses.slice(0, mostQuestions), atOnce, async (use) => {
    const left = end - ticks();
    note(
      use,
      left <= 0
        ? { kind: 'unheard', why: 'there was no time left' }
        : await ask(client, use, Math.min(left, longestQuestion)),
    );
    done += 1;
    onAsked(done, uses.length);
  });
  for (const use of uses.slice(mostQuestions)) note(use, { kind: 'unheard', why: 'there are too many' });
  const refused = [...rows.values()]
    .map((row) => ({
      image: row.use.image,
      namespaces: [...row.namespaces].sort(),
      running: row.running,
      notYet: /: not yet: /.test(row.why),
      why: row.why,
    }))
    .sort(worstFirst);
  return {
    images: new Set(uses.map(({ image }) => image)).size,
    refused,
    refusedImages: new Set(refused.map(({ image }) => image)).size,
    refusedRunning: new Set(refused.filter(({ running }) => running > 0).map(({ image }) => image)).size,
    unknown: { count: unknown, why },
  };
}

/** One that is not answered is no reason to give the others up. */
async function ask(client: ClusterClient, use: ImageUse, milliseconds: number): Promise<Probed> {
  try {
    return await probe(client, use, milliseconds);
  } catch (error) {
    if (!isPratiqueError(error) || !error.transient) throw error;
    return { kind: 'unheard', why: error.message };
  }
}

const severities = ['critical', 'high', 'medium', 'low'];

/** What runs before what does not, then what was judged before what is only not known yet, then by severity. */
function worstFirst(a: Refusal, b: Refusal): number {
  return (
    Number(b.running > 0) - Number(a.running > 0) ||
    Number(a.notYet) - Number(b.notYet) ||
    severityOf(a.why) - severityOf(b.why) ||
    b.running - a.running ||
    (a.image < b.image ? -1 : 1)
  );
}

function severityOf(why: string): number {
  const at = severities.findIndex((word) => new RegExp(`\\b${word}\\b`).test(why));
  return at < 0 ? severities.length : at;
}
