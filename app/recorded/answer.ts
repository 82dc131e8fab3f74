import type { Digest } from '../../core/digest.ts';
import type { Clearance } from '../../core/ports/gate.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { Asked, Bound, Selection } from '../../policy/bindings/binding.ts';
import type { Rulebook } from '../../policy/bindings/rulebook.ts';
import { undecided, unlooked } from '../../policy/clearance/clearances.ts';
import { Ruler } from '../../policy/clearance/ruler.ts';

/** An image as far as it is known, for being asked about. */
export interface Subject {
  readonly digest: Digest;
  readonly platform: string | null;
  readonly images: readonly string[] | null;
  /** null: it has not been inspected. */
  readonly verdict: ((bound: Bound) => Verdict) | null;
  /** Why there is no verdict. */
  readonly pending: string;
}

export interface Answer {
  readonly selection: Selection;
  readonly clearance: Clearance;
}

/**
 * What a gate would say, by the code that gates use.
 * @param at milliseconds since 1970
 */
export function answerTo(book: Rulebook, { context, image }: Asked, subject: Subject, at: number): Answer {
  const selection = book.select(context, image);
  const { digest, platform, images, verdict } = subject;
  switch (selection.kind) {
    case 'refused':
    case 'passed':
      return { selection, clearance: unlooked(digest, selection.rule) };
    case 'undecided':
      return { selection, clearance: undecided(digest, selection.reason) };
    case 'bound': {
      const ruler = new Ruler(book, selection.bounds, context, at);
      const clearance =
        verdict === null
          ? ruler.pending(digest, platform, subject.pending)
          : ruler.judged(digest, platform, verdict, images);
      return { selection, clearance };
    }
  }
}
