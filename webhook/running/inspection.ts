import type { Logger } from '../../core/ports/logger.ts';
import type { Wait } from '../cluster/wait.ts';
import { mapBounded } from '../deadline.ts';
import type { Place } from './pods.ts';
import type { Said } from './said.ts';
import { type Standing, stand } from './standing.ts';

/** Milliseconds between two looks at everything where nothing tells that it has changed; time changes verdicts too. */
const betweenSweeps = 60_000;
/** Milliseconds that changes wait for others. */
const gatheredFor = 1000;
/** How long what was judged before may take to be judged again, and what never was, milliseconds. */
const again = 2000;
const firstTime = 20_000;
/** At once. What never was judged may have to be pulled and looked through. */
const atOnce = 8;
const firstAtOnce = 4;
/** Milliseconds until what nobody can judge is tried again: the first time, doubled each time, up to the longest. */
const shortestRetry = 30_000;
const longestRetry = 600_000;

export interface InspectionOptions {
  readonly judge: (place: Place, milliseconds: number) => Promise<Said>;
  /** Told of everything that is said; must not throw. */
  readonly onStanding: (place: Place, before: Standing | null, after: Standing) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly wait: Wait;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

interface Retry {
  readonly tries: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Judges what runs: at first when it comes, and again whenever something has changed or time has gone by. What was judged
 * before never waits behind what never was.
 */
export class Inspection {
  readonly #options: InspectionOptions;
  readonly #standings = new Map<Place, Standing | null>();
  readonly #retries = new Map<Place, Retry>();
  readonly #first = new Set<Place>();
  readonly #judging = new Set<Place>();
  /** Those that nothing was said of yet. */
  readonly #new = new Set<Place>();
  #poked = new AbortController();
  #came = new AbortController();
  #isPoked = false;

  constructor(options: InspectionOptions) {
    this.#options = options;
  }

  add(place: Place): void {
    this.#standings.set(place, null);
    this.#first.add(place);
    this.#new.add(place);
    this.#came.abort();
  }

  remove(place: Place): void {
    this.#standings.delete(place);
    this.#retries.delete(place);
    this.#first.delete(place);
    this.#new.delete(place);
  }

  /** null: nothing is said yet. */
  of(place: Place): Standing | null {
    return this.#standings.get(place) ?? null;
  }

  /** Images that were not judged yet. */
  get waiting(): number {
    return this.#new.size;
  }

  /** What is judged by has changed: everything is judged again, and what nobody could judge is tried anew. */
  poke(): void {
    this.#isPoked = true;
    this.#retries.clear();
    this.#poked.abort();
  }

  /** Until the signal. */
  async run(): Promise<void> {
    await Promise.all([this.#sweeping(), ...Array.from({ length: firstAtOnce }, () => this.#meeting())]);
  }

  async #sweeping(): Promise<void> {
    const { signal, wait } = this.#options;
    while (!signal.aborted) {
      this.#poked = new AbortController();
      if (!this.#isPoked) await wait(betweenSweeps, AbortSignal.any([signal, this.#poked.signal]));
      if (this.#isPoked) await wait(gatheredFor, signal);
      this.#isPoked = false;
      if (!signal.aborted) await this.#sweep();
    }
  }

  async #sweep(): Promise<void> {
    const { now, signal } = this.#options;
    const known: Place[] = [];
    for (const [place, standing] of this.#standings) {
      if (standing?.said.known === true) known.push(place);
      else if (!this.#judging.has(place) && (this.#retries.get(place)?.at ?? 0) <= now())
        this.#first.add(place);
    }
    if (this.#first.size > 0) this.#came.abort();
    await mapBounded(known, atOnce, async (place) => {
      if (!signal.aborted) await this.#judge(place, again);
    });
  }

  async #meeting(): Promise<void> {
    const { signal, wait } = this.#options;
    while (!signal.aborted) {
      const [place] = this.#first;
      if (place === undefined) {
        if (this.#came.signal.aborted) this.#came = new AbortController();
        await wait(betweenSweeps, AbortSignal.any([signal, this.#came.signal]));
        continue;
      }
      this.#first.delete(place);
      await this.#judge(place, firstTime);
    }
  }

  async #judge(place: Place, milliseconds: number): Promise<void> {
    const { judge, now, onStanding, logger } = this.#options;
    let said: Said;
    this.#judging.add(place);
    try {
      said = await judge(place, milliseconds);
    } catch (error) {
      this.#later(place);
      logger.error(
        { err: error, image: place.image, namespace: place.namespace },
        'judging a running image failed',
      );
      return;
    } finally {
      this.#judging.delete(place);
      this.#new.delete(place);
    }
    const before = this.#standings.get(place);
    // It has stopped meanwhile.
    if (before === undefined) return;
    const after = stand(before, said, now(), oldestStart(place));
    this.#standings.set(place, after);
    if (said.known) this.#retries.delete(place);
    else this.#later(place);
    onStanding(place, before, after);
  }

  #later(place: Place): void {
    const { tries } = this.#retries.get(place) ?? { tries: 0 };
    const wait = Math.min(shortestRetry * 2 ** tries, longestRetry);
    this.#retries.set(place, { tries: Math.min(tries + 1, 10), at: this.#options.now() + wait });
  }
}

function oldestStart({ pods }: Place): number | null {
  let oldest: number | null = null;
  for (const { startedAt } of pods.values()) {
    if (startedAt !== null && (oldest === null || startedAt < oldest)) oldest = startedAt;
  }
  return oldest;
}
