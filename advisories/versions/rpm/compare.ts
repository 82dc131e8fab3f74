import { compareDigits, longestVersion } from '../scheme.ts';

interface RpmVersion {
  readonly epoch: string;
  readonly version: string;
  /** null: there is no dash. */
  readonly release: string | null;
}

/** Any byte that is no letter, digit, tilde or caret only parts others; none builds packages with spaces. */
const allowed = /^[^\s\p{Cc}]+$/u;

/** Splits `[epoch:]version[-release]`; what stands before a colon is an epoch only if it is all digits. */
function parse(text: string): RpmVersion | null {
  if (text.length > longestVersion || !allowed.test(text)) return null;
  const epoch = /^([0-9]*):/.exec(text);
  const rest = text.slice(epoch?.[0].length ?? 0);
  const dash = rest.lastIndexOf('-');
  const version = dash < 0 ? rest : rest.slice(0, dash);
  if (version === '') return null;
  return { epoch: epoch?.[1] ?? '', version, release: dash < 0 ? null : rest.slice(dash + 1) };
}

/** How a place in a version sorts: `~`, the end, `^`, letters, digits. */
const tilde = 0;
const end = 1;
const caret = 2;
const letter = 3;
const digit = 4;

/** null: a separator. */
function rankAt(text: string, at: number): number | null {
  if (at >= text.length) return end;
  const code = text.charCodeAt(at);
  if (code >= 48 && code <= 57) return digit;
  if ((code >= 65 && code <= 90) || (code >= 97 && code <= 122)) return letter;
  return code === 126 ? tilde : code === 94 ? caret : null;
}

function skipSeparators(text: string, from: number): number {
  let at = from;
  while (rankAt(text, at) === null) at++;
  return at;
}

/** Where the run of letters or of digits ends that begins here. */
function endOfRun(text: string, from: number, rank: number): number {
  let at = from;
  while (rankAt(text, at) === rank) at++;
  return at;
}

/** rpm's rpmvercmp: runs of letters and of digits are compared one after the other, separators only part them. */
function comparePart(a: string, b: string): number {
  let i = 0;
  let j = 0;
  for (;;) {
    i = skipSeparators(a, i);
    j = skipSeparators(b, j);
    const rank = rankAt(a, i) ?? end;
    const difference = rank - (rankAt(b, j) ?? end);
    if (difference !== 0 || rank === end) return difference;
    if (rank === tilde || rank === caret) {
      i++;
      j++;
      continue;
    }
    const [startA, startB] = [i, j];
    i = endOfRun(a, i, rank);
    j = endOfRun(b, j, rank);
    const [runA, runB] = [a.slice(startA, i), b.slice(startB, j)];
    const order = rank === digit ? compareDigits(runA, runB) : runA < runB ? -1 : runA > runB ? 1 : 0;
    if (order !== 0) return order;
  }
}

/** No release is older than any, as in rpm's own order, so that three versions never make a circle. */
function compareReleases(a: string | null, b: string | null): number {
  return a === null || b === null ? Number(a !== null) - Number(b !== null) : comparePart(a, b);
}

/** No epoch is epoch 0. */
export function compareRpmVersions(a: string, b: string): number | null {
  const left = parse(a);
  const right = parse(b);
  if (left === null || right === null) return null;
  return (
    compareDigits(left.epoch, right.epoch) ||
    comparePart(left.version, right.version) ||
    compareReleases(left.release, right.release)
  );
}
