import type { AskContext, AskedImage } from '../../core/context.ts';
import type { Digest } from '../../core/digest.ts';
import type { PlainError } from '../../core/errors.ts';
import type { Clearance } from '../../core/ports/gate.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { Bound } from '../bindings/binding.ts';
import type { Rulebook } from '../bindings/rulebook.ts';
import { ruled, strictest, switchedOff, undecided, unlooked } from './clearances.ts';

/**
 * The bindings that hold for who asks, or what is said without any.
 * @param at milliseconds since 1970
 */
export function rulerFor(
  book: Rulebook,
  asker: AskContext,
  image: AskedImage,
  digest: Digest,
  at: number,
): Ruler | Clearance {
  const selection = book.select(asker, image);
  switch (selection.kind) {
    case 'bound':
      return switchedOff(digest, selection.bounds) ?? new Ruler(book, selection.bounds, asker, at);
    case 'undecided':
      return undecided(digest, selection.reason);
    case 'refused':
    case 'passed':
      return unlooked(digest, selection.rule);
  }
}

/** What the bindings that hold for one asker make of whatever is known of an image. */
export class Ruler {
  readonly bounds: readonly Bound[];
  readonly #book: Rulebook;
  readonly #context: AskContext;
  readonly #at: number;

  /** @param at milliseconds since 1970 */
  constructor(book: Rulebook, bounds: readonly Bound[], context: AskContext, at: number) {
    this.bounds = bounds;
    this.#book = book;
    this.#context = context;
    this.#at = at;
  }

  /** @param verdictOf what the policy of each binding says; @param images repositories that hold it */
  judged(
    digest: Digest,
    platform: string | null,
    verdictOf: (bound: Bound) => Verdict,
    images: readonly string[] | null,
  ): Clearance {
    return strictest(
      this.bounds.map((bound) => {
        const verdict = verdictOf(bound);
        const ruling = this.#book.rule(bound, verdict, this.#context, images, this.#at);
        return ruled({ digest, platform, verdict, failure: null }, bound, ruling);
      }),
    );
  }

  /** It is being looked at. */
  pending(digest: Digest, platform: string | null, reason: string): Clearance {
    return this.#without('pending', digest, platform, [reason], null);
  }

  /** There is no verdict, because the image could not be had or looked at. */
  failed(digest: Digest, platform: string | null, failure: PlainError): Clearance {
    return this.#without('error', digest, platform, [failure.message], failure);
  }

  /** Not to be judged, for what the manifest itself is. */
  unfit(digest: Digest, reasons: readonly string[]): Clearance {
    return { ...this.#without('error', digest, null, reasons, null), platforms: [], transient: false };
  }

  #without(
    status: 'pending' | 'error',
    digest: Digest,
    platform: string | null,
    reasons: readonly string[],
    failure: PlainError | null,
  ): Clearance {
    return strictest(
      this.bounds.map((bound) => {
        const ruling = this.#book.ruleWithout(bound, status, reasons, this.#context);
        return ruled({ digest, platform, verdict: null, failure }, bound, ruling);
      }),
    );
  }
}
