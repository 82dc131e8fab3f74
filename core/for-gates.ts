import { allows, type Verdict } from './verdict.ts';

/** The findings that a gate tells of an image; the rest is for reports. */
const told = 3;

/**
 * A verdict without what no gate acts on or tells: a gate that runs on its own holds one of every image. What a rulebook
 * makes of it is the same as of the whole one.
 */
export function forGates(verdict: Verdict): Verdict {
  const { status, rules, summary, blockers } = verdict;
  return {
    ...verdict,
    // Longer than all the rest, and the same in all of them.
    scanner: '',
    rules: rules.map((rule) => ({ ...rule, why: null, controls: [] })),
    summary: { ...summary, worst: summary.worst.slice(0, told) },
    coverage: [],
    suppressed: [],
    // Exceptions for who asks lift what denies, and people are told of it.
    blockers: allows(status) ? { complete: blockers.complete, list: [] } : blockers,
  };
}

/** A gate takes no page with a longer list, and reads no further until it has taken it. */
const mostImages = 10_000;

/** The repositories that hold an image; of too many none, and then no exception with a pattern holds. */
export function imagesForGates(images: readonly string[]): readonly string[] {
  return images.length > mostImages ? [] : images;
}
