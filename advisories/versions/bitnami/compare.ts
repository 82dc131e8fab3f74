import { compareDigits, longestVersion } from '../scheme.ts';

/** Words for what comes before a release, the earliest first; the shorter ones count where a number follows. */
const stages: ReadonlyMap<string, number> = new Map([
  ['nightly', 0],
  ['dev', 0],
  ['snapshot', 0],
  ['canary', 0],
  ['ea', 0],
  ['preview', 1],
  ['alpha', 1],
  ['a', 1],
  ['beta', 2],
  ['b', 2],
  ['m', 2],
  ['milestone', 2],
  ['pre', 3],
  ['c', 3],
  ['rc', 3],
  ['cr', 3],
]);
const short: ReadonlySet<string> = new Set(['a', 'b', 'c', 'm']);

const shape = /^[v=]?([0-9]+(?:\.[0-9]+)*)(\.?[^0-9.\s]\S*)?$/i;

interface Version {
  readonly numbers: readonly string[];
  /** null: a release, or what was made of one later. */
  readonly stage: number | null;
  readonly rest: readonly string[];
}

/**
 * Versions as projects write them, and Bitnami's, which have a revision of the packaging behind: `1.25.3-4` is made of `1.25.3`
 * and not before it, as Semantic Versioning would have it. `1.1.1w` and `2.7.7p221` are later than the release too; `3.13.0rc1`,
 * `15beta4` and `2.6.0-rc1` before it. What is missing counts as 0.
 */
export function compareBitnamiVersions(a: string, b: string): number | null {
  const left = read(a);
  const right = read(b);
  if (left === null || right === null) return null;
  return (
    compareLists(left.numbers, right.numbers) ||
    (left.stage ?? stages.size) - (right.stage ?? stages.size) ||
    compareLists(left.rest, right.rest)
  );
}

function read(text: string): Version | null {
  if (text.length > longestVersion) return null;
  const match = shape.exec(text.trim());
  if (match?.[1] === undefined) return null;
  // What a `+` begins is about the build.
  const [behind = ''] = (match[2] ?? '').toLowerCase().split('+', 1);
  const tokens = behind.match(/[0-9]+|[a-z]+/g) ?? [];
  const [first = '', second = ''] = tokens;
  const stage = short.has(first) && !isNumber(second) ? undefined : stages.get(first);
  return {
    numbers: match[1].split('.'),
    stage: stage ?? null,
    rest: (stage === undefined ? tokens : tokens.slice(1)).map(plain),
  };
}

/** A letter behind a release counts as a number: `1.1.1` is `1.1.1-0`, and `1.1.1a` comes next. `p` just says that one follows. */
function plain(token: string): string {
  if (token.length > 1 || isNumber(token)) return token;
  return token === 'p' ? '0' : String(token.charCodeAt(0) - 0x60);
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = compareTokens(a[index] ?? '0', b[index] ?? '0');
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Numbers by value, and before words. */
function compareTokens(a: string, b: string): number {
  const ours = isNumber(a);
  if (ours !== isNumber(b)) return ours ? -1 : 1;
  if (ours) return compareDigits(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function isNumber(token: string): boolean {
  return /^[0-9]/.test(token);
}
