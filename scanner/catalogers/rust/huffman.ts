/** Longest code (RFC 1951, 3.2.7). */
const longestCode = 15;

/** A canonical Huffman code: how many codes there are of each length, and the symbols in the order of their codes. */
export interface Code {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

/** The code with these lengths, 0 for symbols without one; null: there are more codes than there is room for. */
export function codeOf(lengths: Uint8Array): Code | null {
  const counts = new Uint16Array(longestCode + 1);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  counts[0] = 0;
  const places = new Uint16Array(longestCode + 2);
  let left = 1;
  for (let length = 1; length <= longestCode; length += 1) {
    const count = counts[length] ?? 0;
    left = 2 * left - count;
    if (left < 0) return null;
    places[length + 1] = (places[length] ?? 0) + count;
  }
  const symbols = new Uint16Array(lengths.length);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    const place = places[length] ?? 0;
    symbols[place] = symbol;
    places[length] = place + 1;
  }
  return { counts, symbols };
}

/** The next symbol; null: the bits are at their end, or no code is like them. */
export function symbolOf({ counts, symbols }: Code, bit: () => number | null): number | null {
  let code = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= longestCode; length += 1) {
    const next = bit();
    if (next === null) return null;
    code += next;
    const count = counts[length] ?? 0;
    if (code - first < count) return symbols[index + code - first] ?? null;
    index += count;
    first = 2 * (first + count);
    code *= 2;
  }
  return null;
}
