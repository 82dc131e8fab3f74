import type { Bits } from './bits.ts';

/** Bits of the longest code that bzip2 writes. */
const longestCode = 20;

/** One table of codes: which symbol stands for which bits. */
export class HuffmanTable {
  /** For each length: the largest code of it, or -1. */
  readonly #limits = new Int32Array(longestCode + 1).fill(-1);
  /** For each length: what to take off a code to have its place in `#symbols`. */
  readonly #bases = new Int32Array(longestCode + 1);
  readonly #symbols: Uint16Array;

  /** @param lengths of each symbol's code, in bits; canonical codes follow from them */
  constructor(lengths: Uint8Array) {
    this.#symbols = new Uint16Array(lengths.length);
    let code = 0;
    let place = 0;
    for (let length = 1; length <= longestCode; length++) {
      this.#bases[length] = code - place;
      for (const [symbol, of] of lengths.entries()) {
        if (of !== length) continue;
        this.#symbols[place++] = symbol;
        code++;
      }
      this.#limits[length] = code - 1;
      code <<= 1;
    }
  }

  /** @throws Error where the bits stand for no symbol */
  next(bits: Bits): number {
    let code = 0;
    for (let length = 1; length <= longestCode; length++) {
      code = (code << 1) | bits.take(1);
      const limit = this.#limits[length] ?? -1;
      const place = code - (this.#bases[length] ?? 0);
      if (code <= limit && place >= 0) {
        const symbol = this.#symbols[place];
        if (symbol !== undefined) return symbol;
      }
    }
    throw new Error('it has a code that stands for nothing');
  }
}

/** The lengths of a table's codes: a start, then for each symbol up or down until told to stop. */
export function readLengths(bits: Bits, symbols: number): Uint8Array {
  const lengths = new Uint8Array(symbols);
  let length = bits.take(5);
  for (let symbol = 0; symbol < symbols; symbol++) {
    for (;;) {
      if (length < 1 || length > longestCode) throw new Error('it has a code of an impossible length');
      if (bits.take(1) === 0) break;
      length += bits.take(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return lengths;
}
