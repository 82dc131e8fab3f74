import { compareDigits, longestVersion } from '../scheme.ts';

/** Gem::Version's own pattern. It takes an empty text for 0; here that is no version. */
const shape = /^[0-9]+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const segments = /[0-9]+|[A-Za-z]+/g;
const digits = /^[0-9]/;
const zero = /^0+$/;

/** Takes away the zeros at the end: they mean nothing there. */
function trimmed(list: readonly string[]): readonly string[] {
  return list.slice(0, list.findLastIndex((segment) => !zero.test(segment)) + 1);
}

/**
 * Segments of digits and of letters. What stands before the first letters is trimmed for itself, so that `1.0.a` is
 * `1.a`; a dash makes a pre-release of all that follows.
 */
function parse(text: string): readonly string[] | null {
  if (text.length > longestVersion) return null;
  const version = text.trim();
  if (!shape.test(version)) return null;
  const all = version.replaceAll('-', '.pre.').match(segments) ?? [];
  const word = all.findIndex((segment) => !digits.test(segment));
  return word < 0 ? trimmed(all) : [...trimmed(all.slice(0, word)), ...trimmed(all.slice(word))];
}

/** Letters come before any number. */
function compareSegments(a: string, b: string): number {
  const ours = digits.test(a);
  const theirs = digits.test(b);
  if (ours && theirs) return compareDigits(a, b);
  if (ours !== theirs) return ours ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

export function compareGemVersions(a: string, b: string): number | null {
  const left = parse(a);
  const right = parse(b);
  if (left === null || right === null) return null;
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = compareSegments(left[i] ?? '0', right[i] ?? '0');
    if (difference !== 0) return difference;
  }
  return 0;
}
