import { compareDigits, longestVersion } from '../scheme.ts';

/**
 * PHP's order of what a version goes on with: the words of Composer's stabilities, the end of the version, a number
 * (version_compare).
 */
const rank = { dev: 0, alpha: 1, beta: 2, rc: 3, end: 4, number: 5, patch: 6 } as const;

interface Part {
  readonly rank: number;
  /** Of a number; empty for a word. */
  readonly digits: string;
}

const words: ReadonlyMap<string, number> = new Map([
  ['alpha', rank.alpha],
  ['a', rank.alpha],
  ['beta', rank.beta],
  ['b', rank.beta],
  ['rc', rank.rc],
  ['patch', rank.patch],
  ['pl', rank.patch],
  ['p', rank.patch],
]);

/** What may follow the numbers: a stability with numbers of its own, and `dev`. */
const modifier = '[._-]?(?:(stable|beta|b|RC|alpha|a|patch|pl|p)([.-]?[0-9]+(?:[.-][0-9]+)*)?)?([.-]?dev)?';
const classical = new RegExp(`^v?([0-9]{1,5}(?:\\.[0-9]+){0,3})${modifier}$`, 'i');
/** `20240131`, `2024-01-31`, `2024.01.31.120000`. */
const dated = new RegExp(`^v?([0-9]{4}(?:[.:-]?[0-9]{2}){1,6}(?:[.:-]?[0-9]{1,3})?)${modifier}$`, 'i');
const stabilityFlag = /@(?:stable|RC|beta|alpha|dev)$/i;
const metadata = /\+\S+$/;

function numbersOf(text: string): readonly Part[] {
  return (text.match(/[0-9]+/g) ?? []).map((digits) => ({ rank: rank.number, digits }));
}

/** A version as Composer's VersionParser normalises it; null for a branch, and for what it refuses. */
function parse(text: string): readonly Part[] | null {
  if (text.length > longestVersion) return null;
  const flagged = text.trim().replace(stabilityFlag, '');
  const plus = flagged.indexOf('+');
  const version = plus > 0 && metadata.test(flagged) ? flagged.slice(0, plus) : flagged;
  const asNumbers = classical.exec(version);
  const match = asNumbers ?? dated.exec(version);
  if (match?.[1] === undefined) return null;
  const parts = [...numbersOf(match[1])];
  while (asNumbers !== null && parts.length < 4) parts.push({ rank: rank.number, digits: '0' });
  const [, , stability, numbers = '', dev] = match;
  // Whatever follows `stable` is not looked at.
  if (stability === 'stable') return parts;
  if (stability !== undefined) {
    const place = words.get(stability.toLowerCase());
    if (place === undefined) return null;
    parts.push({ rank: place, digits: '' }, ...numbersOf(numbers));
  }
  if (dev !== undefined) parts.push({ rank: rank.dev, digits: '' });
  return parts;
}

export function compareComposerVersions(a: string, b: string): number | null {
  const left = parse(a);
  const right = parse(b);
  if (left === null || right === null) return null;
  const end: Part = { rank: rank.end, digits: '' };
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const ours = left[i] ?? end;
    const theirs = right[i] ?? end;
    const difference = ours.rank - theirs.rank || compareDigits(ours.digits, theirs.digits);
    if (difference !== 0) return difference;
  }
  return 0;
}
