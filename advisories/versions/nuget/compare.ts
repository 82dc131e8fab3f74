import { compareDigits, longestVersion } from '../scheme.ts';

interface NugetVersion {
  readonly numbers: readonly string[];
  /** Empty: no pre-release. */
  readonly labels: readonly string[];
}

/**
 * One to four numbers, then labels of a pre-release after the first dash, then metadata after a plus. The numbers
 * have no upper bound here, where NuGet's end at 2^31 - 1: what is larger is in some feeds.
 */
const shape =
  /^([0-9]+(?:\.[0-9]+){0,3})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
/** Semantic Versioning 2.0.0, section 9: a number among the labels has no leading zeros. */
const leadingZero = /^0[0-9]+$/;
const whole = /^-?[0-9]+$/;
/** Labels beyond .NET's Int32 are words to NuGet. */
const largestNumber = 2_147_483_647;

function parse(text: string): NugetVersion | null {
  if (text.length > longestVersion) return null;
  const match = shape.exec(text.trim());
  if (match?.[1] === undefined) return null;
  const labels = match[2]?.split('.') ?? [];
  return labels.some((label) => leadingZero.test(label)) ? null : { numbers: match[1].split('.'), labels };
}

/** A label may begin with a dash; .NET reads such a one as a negative number. Null: a word. */
function numberOf(label: string): number | null {
  if (!whole.test(label)) return null;
  const value = Number(label);
  return value > largestNumber || value < -largestNumber - 1 ? null : value;
}

/** Numbers by value and before words; words by ASCII, whatever their case. */
function compareLabels(a: string, b: string): number {
  const ours = numberOf(a);
  const theirs = numberOf(b);
  if (ours !== null && theirs !== null) return ours - theirs;
  if (ours !== null || theirs !== null) return ours !== null ? -1 : 1;
  const left = a.toUpperCase();
  const right = b.toUpperCase();
  return left < right ? -1 : left > right ? 1 : 0;
}

function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  // A version without a pre-release is the newer one.
  if (a.length === 0 || b.length === 0) return Math.sign(b.length) - Math.sign(a.length);
  for (const [i, ours] of a.entries()) {
    const theirs = b[i];
    if (theirs === undefined) return 1;
    const difference = compareLabels(ours, theirs);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function compareNugetVersions(a: string, b: string): number | null {
  const left = parse(a);
  const right = parse(b);
  if (left === null || right === null) return null;
  for (let i = 0; i < 4; i++) {
    const difference = compareDigits(left.numbers[i] ?? '0', right.numbers[i] ?? '0');
    if (difference !== 0) return difference;
  }
  return comparePreReleases(left.labels, right.labels);
}
