import type { Digest } from '../../core/digest.ts';
import type { PlainError } from '../../core/errors.ts';
import type { Clearance } from '../../core/ports/gate.ts';
import type { HeldImage } from '../../core/ports/replica.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { Bound } from '../../policy/bindings/binding.ts';
import { strictest } from '../../policy/clearance/clearances.ts';
import { combine } from '../../policy/clearance/combine.ts';
import type { Ruler } from '../../policy/clearance/ruler.ts';
import type { Knowledge, Word } from './knowledge.ts';

/** What stands of an image, and whether the proxy may know better. */
export interface Assessment {
  readonly clearance: Clearance;
  readonly isComplete: boolean;
}

export interface AssessParts {
  readonly knowledge: Pick<Knowledge, 'word'>;
  /** For some of the bindings that hold for who asks. */
  readonly rulerOf: (bounds: readonly Bound[]) => Ruler;
  readonly bounds: readonly Bound[];
  /** Platforms whose vetting the proxy has just said to have failed. */
  readonly failures: ReadonlyMap<Digest, PlainError>;
  /** What is told of an image of which nothing is known that counts. @param why a sentence */
  readonly pendingText: (why: string) => string;
}

/** What the bindings make of all that is known of an image: every platform has to be allowed, by every binding that holds. */
export function assess(image: HeldImage, parts: AssessParts): Assessment {
  const { digest, platforms, unfit } = image;
  if (unfit.length > 0)
    return { clearance: parts.rulerOf(parts.bounds).unfit(digest, unfit), isComplete: true };
  const children = platforms.map((one) => assessPlatform(one.digest, one.platform, parts));
  const isComplete = children.every((child) => child.isComplete);
  const [only] = children;
  // An image stands for itself; of an index the worst decides.
  const isIndex = platforms.length !== 1 || platforms[0]?.digest !== digest;
  if (only !== undefined && !isIndex) return { clearance: only.clearance, isComplete };
  const clearances = children.map(({ clearance }) => clearance);
  return { clearance: combine(digest, clearances, 'admit'), isComplete };
}

function assessPlatform(digest: Digest, platform: string | null, parts: AssessParts): Assessment {
  const { knowledge, bounds, rulerOf, failures, pendingText } = parts;
  const words = new Map<Bound, Word>(
    bounds.map((bound) => {
      const word = knowledge.word(digest, bound);
      return [bound, word.kind === 'verdict' && word.isOver ? refusalOf(word, bound) : word];
    }),
  );
  /** Nobody is let in by what is over, such as by an exception from a refusal. */
  function refusalOf(word: Extract<Word, { readonly kind: 'verdict' }>, bound: Bound): Word {
    const { verdict, images, whyOver } = word;
    const { allowed } = rulerOf([bound]).judged(digest, platform, () => verdict, images);
    return allowed ? { kind: 'none', why: whyOver } : word;
  }
  const known = bounds.filter((bound) => words.get(bound)?.kind === 'verdict');
  const others = bounds.filter((bound) => !known.includes(bound));
  const clearances: Clearance[] = [];
  if (known.length > 0) {
    const images = known.flatMap((bound) => imagesOf(words.get(bound)))[0] ?? null;
    clearances.push(rulerOf(known).judged(digest, platform, (bound) => verdictOf(words.get(bound)), images));
  }
  if (others.length > 0) {
    const failure = failures.get(digest);
    const ruler = rulerOf(others);
    clearances.push(
      failure === undefined
        ? ruler.pending(digest, platform, pendingText(whyOf(others.map((bound) => words.get(bound)))))
        : ruler.failed(digest, platform, failure),
    );
  }
  const isOver = known.some((bound) => {
    const word = words.get(bound);
    return word?.kind === 'verdict' && word.isOver;
  });
  return { clearance: strictest(clearances), isComplete: others.length === 0 && !isOver };
}

function verdictOf(word: Word | undefined): Verdict {
  if (word?.kind !== 'verdict') throw new Error('a binding of another ruler');
  return word.verdict;
}

/** Repositories that hold it; every policy's verdict is told with the same ones. */
function imagesOf(word: Word | undefined): readonly (readonly string[])[] {
  return word?.kind === 'verdict' ? [word.images] : [];
}

function whyOf(words: readonly (Word | undefined)[]): string {
  for (const word of words) if (word?.kind === 'none') return word.why;
  return 'nothing is known of it here yet';
}
