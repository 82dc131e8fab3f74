/** Longer words are not compared: nobody mistypes a paragraph. */
const longestWord = 40;
const shortestBeginning = 4;

/**
 * The candidate that was most probably meant, or null. At most two edits (insert, delete, replace, swap two
 * neighbours), and fewer than half of the word's letters; letter case does not count. Else the only one that begins
 * with the word. None where the word is a candidate itself.
 */
export function suggestion(word: string, candidates: readonly string[]): string | null {
  if (word.length > longestWord || candidates.includes(word)) return null;
  let best: string | null = null;
  let fewest = Math.min(2, Math.floor((word.length - 1) / 2)) + 1;
  for (const candidate of candidates) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best ?? onlyBeginning(word.toLowerCase(), candidates);
}

function onlyBeginning(word: string, candidates: readonly string[]): string | null {
  if (word.length < shortestBeginning) return null;
  const [first, ...others] = candidates.filter((candidate) => candidate.toLowerCase().startsWith(word));
  return others.length === 0 ? (first ?? null) : null;
}

/** Optimal string alignment distance. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, at(beforeLast, j - 2) + 1);
      }
      row.push(value);
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
