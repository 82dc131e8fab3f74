import { compare, parse, type SemVer } from 'semver';
import { compareDigits } from '../scheme.ts';

/** As in the `semver` package. */
const longest = 256;
/** What `semver` refuses but feeds hold: `1.2`, `1.2.3.4`, numbers above 2^53. */
const dotted =
  /^[=v\s]*([0-9]+(?:\.[0-9]+)*)(?:-?([A-Za-z-][0-9A-Za-z.-]*)|-([0-9][0-9A-Za-z.-]*))?(?:\+[0-9A-Za-z.-]+)?$/;
const digits = /^[0-9]+$/;

interface Dotted {
  readonly numbers: readonly string[];
  readonly preRelease: readonly string[];
}

function parseDotted(text: string): Dotted | null {
  const match = dotted.exec(text);
  if (match?.[1] === undefined) return null;
  const preRelease = match[2] ?? match[3];
  return { numbers: match[1].split('.'), preRelease: preRelease === undefined ? [] : preRelease.split('.') };
}

/** Semantic Versioning 2.0.0, section 11.4: numbers by value and before words, words by ASCII. */
function compareIdentifiers(a: string, b: string): number {
  const ours = digits.test(a);
  const theirs = digits.test(b);
  if (ours && theirs) return compareDigits(a, b);
  if (ours !== theirs) return ours ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareDotted(a: Dotted, b: Dotted): number {
  const length = Math.max(a.numbers.length, b.numbers.length);
  for (let i = 0; i < length; i++) {
    const difference = compareDigits(a.numbers[i] ?? '0', b.numbers[i] ?? '0');
    if (difference !== 0) return difference;
  }
  if (a.preRelease.length === 0 || b.preRelease.length === 0) {
    // A version without a pre-release is the newer one.
    return Math.sign(b.preRelease.length) - Math.sign(a.preRelease.length);
  }
  for (const [i, ours] of a.preRelease.entries()) {
    const theirs = b.preRelease[i];
    if (theirs === undefined) return 1;
    const difference = compareIdentifiers(ours, theirs);
    if (difference !== 0) return difference;
  }
  return a.preRelease.length - b.preRelease.length;
}

function read(text: string): SemVer | null {
  return parse(text, { loose: true });
}

export function compareSemverVersions(a: string, b: string): number | null {
  if (a.length > longest || b.length > longest) return null;
  const left = read(a);
  const right = read(b);
  if (left !== null && right !== null) return compare(left, right);
  const ours = parseDotted(left?.version ?? a.trim());
  const theirs = parseDotted(right?.version ?? b.trim());
  return ours === null || theirs === null ? null : compareDotted(ours, theirs);
}
