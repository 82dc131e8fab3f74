import { compareDigits, longestVersion } from '../scheme.ts';

interface DebVersion {
  readonly epoch: string;
  readonly upstream: string;
  readonly revision: string;
}

/** The characters that Debian Policy 5.6.12 allows. */
const allowed = /^[A-Za-z0-9.+:~-]+$/;
const digitsOnly = /^[0-9]{1,10}$/;
/** dpkg keeps the epoch in a C int. */
const largestEpoch = 2_147_483_647;

/** Splits `[epoch:]upstream[-revision]`; null where dpkg's parser reports an error. */
function parse(text: string): DebVersion | null {
  if (text.length > longestVersion || !allowed.test(text)) return null;
  const colon = text.indexOf(':');
  const epoch = colon < 0 ? '0' : text.slice(0, colon);
  if (!digitsOnly.test(epoch) || Number(epoch) > largestEpoch) return null;
  const rest = text.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  const upstream = dash < 0 ? rest : rest.slice(0, dash);
  const revision = dash < 0 ? '' : rest.slice(dash + 1);
  // A colon in the revision is no legal character there, and an empty part is an error to dpkg.
  if (upstream === '' || (dash >= 0 && revision === '') || revision.includes(':')) return null;
  return { epoch, upstream, revision };
}

const zero = 48;
const nine = 57;
const tilde = 126;

function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

/** `~` sorts before the end of the text, letters before everything else. NaN is the end of the text. */
function weight(code: number): number {
  if (Number.isNaN(code) || isDigit(code)) return 0;
  if (code === tilde) return -1;
  const letter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return letter ? code : code + 256;
}

/** Compares alternately the runs without digits and the runs of digits (Policy 5.6.12). */
function comparePart(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a.charCodeAt(i))) || (j < b.length && !isDigit(b.charCodeAt(j)))) {
      const difference = weight(a.charCodeAt(i)) - weight(b.charCodeAt(j));
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    const startA = i;
    const startB = j;
    while (i < a.length && isDigit(a.charCodeAt(i))) i++;
    while (j < b.length && isDigit(b.charCodeAt(j))) j++;
    const difference = compareDigits(a.slice(startA, i), b.slice(startB, j));
    if (difference !== 0) return difference;
  }
  return 0;
}

export function compareDebVersions(a: string, b: string): number | null {
  const left = parse(a);
  const right = parse(b);
  if (left === null || right === null) return null;
  return (
    compareDigits(left.epoch, right.epoch) ||
    comparePart(left.upstream, right.upstream) ||
    comparePart(left.revision, right.revision)
  );
}
