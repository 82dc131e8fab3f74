import { LRUCache } from 'lru-cache';
import type { Digest } from '../core/digest.ts';
import { type ErrorCode, isPratiqueError, PratiqueError } from '../core/errors.ts';
import type { ImageManifest } from '../core/image.ts';
import type { Analysis } from './analysis.ts';

/** What one who pulls may set going. Infinity: without a bound. */
export interface PullerLimits {
  /** Vettings of his that are not finished, those that wait for their turn among them. */
  readonly concurrent: number;
  readonly vettingsPerHour: number;
  /** Bytes of the blobs that have to be fetched for them. */
  readonly bytesPerHour: number;
}

export const defaultPullerLimits: PullerLimits = {
  concurrent: 100,
  vettingsPerHour: 1000,
  bytesPerHour: 512 * 1024 ** 3,
};

/** Which of the limits has refused somebody. */
export type PullerLimit = 'concurrent' | 'vettings' | 'bytes';

const hour = 3_600_000;
/** Those who have set nothing going for longest are forgotten, and begin anew. */
const mostRemembered = 20_000;
/** Seconds until one who has too many vettings under way may ask again. */
const soon = 5;

/** What is left of an hour's worth; it fills up evenly, so there is no moment at which all begin at once. */
interface Budget {
  readonly vettings: number;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Counts what each puller sets going. Whoever joins a vetting, or asks for what is known, is not counted.
 * @param options `now` in milliseconds since 1970; `onRefused` must not throw
 */
export class Pullers {
  readonly #budgets = new LRUCache<string, Budget>({ max: mostRemembered });
  readonly #running = new Map<string, number>();
  readonly #limits: PullerLimits;
  readonly #now: () => number;
  readonly #onRefused: (limit: PullerLimit) => void;

  constructor(options: {
    readonly limits: PullerLimits;
    readonly now: () => number;
    readonly onRefused?: (limit: PullerLimit) => void;
  }) {
    this.#limits = options.limits;
    this.#now = options.now;
    this.#onRefused = options.onRefused ?? (() => undefined);
  }

  /**
   * Counts a vetting that is about to begin.
   * @param bytes what has to be fetched for it; what is left only has to be more than nothing, since an image larger than
   * an hour's worth could else never be had
   * @returns what to call when it is over; `free`: nothing was fetched for it
   * @throws PratiqueError `puller-limited`, with the seconds to wait in `retryAfter`
   */
  enter(puller: string, bytes: number): (outcome: 'spent' | 'free') => void {
    const { concurrent, vettingsPerHour, bytesPerHour } = this.#limits;
    const running = this.#running.get(puller) ?? 0;
    if (running >= concurrent) {
      const what = `${running} images that you have asked for are being inspected, and no more are begun for you`;
      throw this.#refused('concurrent', what, soon);
    }
    const left = this.#left(puller);
    if (left.vettings < 1) {
      const wait = (((1 - left.vettings) / vettingsPerHour) * hour) / 1000;
      const what = `you have had ${vettingsPerHour} images inspected within an hour`;
      throw this.#refused('vettings', what, wait);
    }
    if (left.bytes <= 0) {
      const wait = (((1 - left.bytes) / bytesPerHour) * hour) / 1000;
      const what = `what you have had inspected within an hour has ${bytesPerHour} bytes`;
      throw this.#refused('bytes', what, wait);
    }
    this.#budgets.set(puller, { ...left, vettings: left.vettings - 1, bytes: left.bytes - bytes });
    this.#running.set(puller, running + 1);
    let over = false;
    return (outcome) => {
      if (over) return;
      over = true;
      if (outcome === 'free') {
        const now = this.#left(puller);
        this.#budgets.set(puller, { ...now, vettings: now.vettings + 1, bytes: now.bytes + bytes });
      }
      const rest = (this.#running.get(puller) ?? 1) - 1;
      if (rest > 0) this.#running.set(puller, rest);
      else this.#running.delete(puller);
    };
  }

  #left(puller: string): Budget {
    const { vettingsPerHour, bytesPerHour } = this.#limits;
    const at = this.#now();
    const before = this.#budgets.get(puller);
    if (before === undefined) return { vettings: vettingsPerHour, bytes: bytesPerHour, at };
    // A clock that was set back fills nothing.
    const passed = Math.max(0, at - before.at) / hour;
    const filled = (left: number, perHour: number): number =>
      perHour === Number.POSITIVE_INFINITY ? perHour : Math.min(perHour, left + passed * perHour);
    return {
      vettings: filled(before.vettings, vettingsPerHour),
      bytes: filled(before.bytes, bytesPerHour),
      at,
    };
  }

  #refused(limit: PullerLimit, what: string, seconds: number): PratiqueError {
    this.#onRefused(limit);
    const retryAfter = Math.max(1, Math.ceil(seconds));
    return new PratiqueError(
      'puller-limited',
      `${what} (limits.perPuller): try again in ${retryAfter} s; what is known already can be had`,
      { retryAfter, limit },
    );
  }
}

/** An image that somebody asks for. */
export interface Asked {
  readonly digest: Digest;
  readonly manifest: ImageManifest;
  readonly platform: string | null;
  /** On whose account it is inspected; null: nobody's. */
  readonly puller: string | null;
}

/** Failures of vettings for which nothing was fetched. */
const nothingFetched: ReadonlySet<string> = new Set<ErrorCode>(['queue-full', 'advisories-missing']);

/**
 * Runs what inspects an image on the account of who has asked for it; `puller` null: nobody's.
 * @throws PratiqueError `puller-limited`, and what `inspect` throws
 */
export async function inspectOnAccount<Value>(
  pullers: Pullers | null,
  analysis: Pick<Analysis, 'toFetch'>,
  { manifest, puller }: Pick<Asked, 'manifest' | 'puller'>,
  inspect: () => Promise<Value>,
): Promise<Value> {
  if (pullers === null || puller === null) return inspect();
  const leave = pullers.enter(puller, await analysis.toFetch(manifest));
  try {
    const value = await inspect();
    leave('spent');
    return value;
  } catch (error) {
    leave(isPratiqueError(error) && nothingFetched.has(error.code) ? 'free' : 'spent');
    throw error;
  }
}
