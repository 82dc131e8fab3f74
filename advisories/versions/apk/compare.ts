import { compareDigits, longestVersion } from '../scheme.ts';

/**
 * The parts of an apk version, in the order in which they may follow each other. Where two versions are the
 * same up to a point and then go on with different parts, the one whose part is higher is the older version;
 * so one that ends is older than one that goes on.
 */
const part = {
  first: 0,
  number: 1,
  letter: 2,
  suffix: 3,
  suffixNumber: 4,
  hash: 5,
  revision: 6,
  end: 7,
} as const;

type PartKind = (typeof part)[keyof typeof part];

interface Part {
  readonly kind: PartKind;
  /** The digits, the letter or the hash as written; for a suffix its place among the suffixes. */
  readonly text: string;
  readonly order: number;
}

/** Suffixes from the oldest to the newest; those below zero come before the release itself. */
const suffixes: ReadonlyMap<string, number> = new Map([
  ['alpha', -4],
  ['beta', -3],
  ['pre', -2],
  ['rc', -1],
  ['cvs', 1],
  ['svn', 2],
  ['git', 3],
  ['hg', 4],
  ['p', 5],
]);

/**
 * Reads `number{.number}[letter[number]]{_suffix[number]}[~hash][-rnumber]`. Like apk-tools 2, whose packages
 * are still about, a number may be left out, and digits may follow the letter (`6.6.1p1`).
 */
function parse(text: string): readonly Part[] | null {
  if (text === '' || text.length > longestVersion) return null;
  const parts: Part[] = [];
  let at = 0;
  const run = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const state: { last: PartKind } = { last: part.number };
  const add = (kind: PartKind, written: string, order = 0): void => {
    parts.push({ kind, text: written, order });
    // The first number, and one after a letter, differ from others only in how they compare.
    state.last = kind === part.first ? part.number : kind;
  };

  add(part.first, run(/[0-9]*/y));
  while (at < text.length) {
    const next = text[at] ?? '';
    if (state.last === part.number && next >= 'a' && next <= 'z') {
      at++;
      add(part.letter, next);
    } else if (state.last === part.letter && next >= '0' && next <= '9') {
      // Counts as a first number: its leading zeros mean nothing.
      add(part.first, run(/[0-9]+/y));
    } else if (state.last === part.suffix && next >= '0' && next <= '9') {
      add(part.suffixNumber, run(/[0-9]+/y));
    } else if (next === '.' && state.last === part.number) {
      at++;
      add(part.number, run(/[0-9]*/y));
    } else if (next === '_' && state.last <= part.suffixNumber) {
      at++;
      const order = suffixes.get(run(/[a-z]*/y));
      if (order === undefined) return null;
      add(part.suffix, '', order);
    } else if (next === '~' && state.last <= part.suffixNumber) {
      at++;
      const hash = run(/[0-9a-f]+/y);
      if (hash === '') return null;
      add(part.hash, hash);
    } else if (next === '-' && text[at + 1] === 'r' && state.last <= part.hash) {
      at += 2;
      add(part.revision, run(/[0-9]*/y));
    } else {
      return null;
    }
  }
  add(part.end, '');
  return parts;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareParts(a: Part, b: Part): number {
  switch (a.kind) {
    case part.suffix:
      return a.order - b.order;
    case part.letter:
    case part.hash:
      return compareTexts(a.text, b.text);
    case part.number:
      // A number with a leading zero is read as a decimal fraction: 1.05 is older than 1.1. Of 1.0 and 1.001 the
      // latter is newer, as to apk-tools 3; to apk-tools 2 it was older.
      return a.text.startsWith('0') || b.text.startsWith('0')
        ? compareTexts(a.text, b.text)
        : compareDigits(a.text, b.text);
    case part.first:
    case part.suffixNumber:
    case part.revision:
    case part.end:
      return compareDigits(a.text, b.text);
  }
}

function isPreRelease(found: Part): boolean {
  return found.kind === part.suffix && found.order < 0;
}

export function compareApkVersions(a: string, b: string): number | null {
  const left = parse(a);
  const right = parse(b);
  if (left === null || right === null) return null;
  for (const [position, ours] of left.entries()) {
    const theirs = right[position];
    if (theirs === undefined) break;
    if (ours.kind === theirs.kind) {
      const difference = compareParts(ours, theirs);
      if (difference !== 0) return difference;
    } else {
      if (isPreRelease(ours)) return -1;
      if (isPreRelease(theirs)) return 1;
      return theirs.kind - ours.kind;
    }
  }
  return 0;
}
