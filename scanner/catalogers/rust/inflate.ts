import { type Code, codeOf, symbolOf } from './huffman.ts';

/**
 * What a zlib stream holds. `short`: its bytes end before it does. `more`: it goes on beyond what was asked for, of which the
 * first is here.
 */
export type Inflated =
  | { readonly kind: 'whole' | 'more'; readonly content: Buffer }
  | { readonly kind: 'short' | 'damaged' };

/** RFC 1951, 3.2.5: the shortest of what a symbol stands for, and how many bits say more. */
const lengthBases = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const distanceBases = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12_289, 16_385, 24_577,
];
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const endOfBlock = 256;
const smallest = 256;

/**
 * Unpacks a zlib stream (RFC 1950), whatever follows it. By our own code: what only looks like a stream is told after a few
 * bits, and zlib's handles keep their memory until the next collection where they fail.
 * @param most bytes that are unpacked
 */
export function inflate(bytes: Buffer, most: number): Inflated {
  return new Inflater(bytes, most).run();
}

type Ending = 'short' | 'damaged' | 'more';

class Inflater {
  readonly #bytes: Buffer;
  readonly #most: number;
  #out = Buffer.allocUnsafe(smallest);
  #length = 0;
  /** Behind the stream's head. */
  #at = 2;
  #bits = 0;
  #held = 0;
  /** Why it ends early. */
  #ending: Ending | null = null;
  readonly #bit = (): number | null => this.#take(1);

  constructor(bytes: Buffer, most: number) {
    this.#bytes = bytes;
    this.#most = most;
  }

  run(): Inflated {
    for (let last = false; !last; ) {
      last = this.#take(1) === 1;
      this.#block(this.#take(2));
      if (this.#ending !== null) break;
    }
    const content = this.#out.subarray(0, this.#length);
    if (this.#ending === 'more') return { kind: 'more', content };
    if (this.#ending !== null) return { kind: this.#ending };
    if (this.#at + 4 > this.#bytes.length) return { kind: 'short' };
    return this.#bytes.readUInt32BE(this.#at) === adler32(content)
      ? { kind: 'whole', content }
      : { kind: 'damaged' };
  }

  #block(type: number | null): void {
    if (type === 0) this.#stored();
    else if (type === 1) this.#coded(fixedLiterals, fixedDistances);
    else if (type === 2) this.#dynamic();
    else this.#end('damaged');
  }

  #end(ending: Ending): void {
    this.#ending ??= ending;
  }

  /** Up to 16 bits, the first one lowest; null: there are no more. */
  #take(count: number): number | null {
    while (this.#held < count) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) {
        this.#end('short');
        return null;
      }
      this.#bits |= byte << this.#held;
      this.#held += 8;
      this.#at += 1;
    }
    const value = this.#bits & (2 ** count - 1);
    this.#bits >>>= count;
    this.#held -= count;
    return value;
  }

  #stored(): void {
    this.#bits = 0;
    this.#held = 0;
    const start = this.#at + 4;
    if (start > this.#bytes.length) {
      this.#end('short');
      return;
    }
    const length = this.#bytes.readUInt16LE(this.#at);
    if ((length ^ this.#bytes.readUInt16LE(this.#at + 2)) !== 0xffff) {
      this.#end('damaged');
      return;
    }
    for (const byte of this.#bytes.subarray(start, start + length)) this.#put(byte);
    if (start + length > this.#bytes.length) this.#end('short');
    this.#at = start + length;
  }

  #dynamic(): void {
    const literals = (this.#take(5) ?? 0) + 257;
    const distances = (this.#take(5) ?? 0) + 1;
    const count = (this.#take(4) ?? 0) + 4;
    if (literals > 286 || distances > 30) {
      this.#end('damaged');
      return;
    }
    const lengthLengths = new Uint8Array(lengthOrder.length);
    for (const symbol of lengthOrder.slice(0, count)) lengthLengths[symbol] = this.#take(3) ?? 0;
    const code = codeOf(lengthLengths);
    const lengths = code === null ? null : this.#lengths(code, literals + distances);
    if (lengths === null || lengths[endOfBlock] === 0) {
      this.#end('damaged');
      return;
    }
    this.#coded(codeOf(lengths.subarray(0, literals)), codeOf(lengths.subarray(literals)));
  }

  /** The lengths of both codes; null: they are damaged, or cut. */
  #lengths(code: Code, count: number): Uint8Array | null {
    const lengths = new Uint8Array(count);
    for (let index = 0; index < count; ) {
      const symbol = symbolOf(code, this.#bit);
      if (symbol === null) return null;
      if (symbol < 16) {
        lengths[index] = symbol;
        index += 1;
        continue;
      }
      if (symbol === 16 && index === 0) return null;
      const value = symbol === 16 ? (lengths[index - 1] ?? 0) : 0;
      const repeated =
        symbol === 16 ? this.#more(3, 2) : symbol === 17 ? this.#more(3, 3) : this.#more(11, 7);
      if (index + repeated > count) return null;
      lengths.fill(value, index, index + repeated);
      index += repeated;
    }
    return lengths;
  }

  #more(base: number, bits: number): number {
    return base + (this.#take(bits) ?? 0);
  }

  #coded(literals: Code | null, distances: Code | null): void {
    if (literals === null || distances === null) {
      this.#end('damaged');
      return;
    }
    while (this.#ending === null) {
      const symbol = symbolOf(literals, this.#bit);
      if (symbol === endOfBlock) return;
      if (symbol === null) this.#end('damaged');
      else if (symbol < endOfBlock) this.#put(symbol);
      else this.#copy(symbol - endOfBlock - 1, distances);
    }
  }

  #copy(lengthSymbol: number, distances: Code): void {
    const base = lengthBases[lengthSymbol];
    if (base === undefined) {
      this.#end('damaged');
      return;
    }
    const isFew = lengthSymbol < 4 || lengthSymbol === 28;
    const length = this.#more(base, isFew ? 0 : (lengthSymbol >> 2) - 1);
    const symbol = symbolOf(distances, this.#bit) ?? distanceBases.length;
    const distance = this.#more(distanceBases[symbol] ?? Infinity, symbol < 2 ? 0 : (symbol >> 1) - 1);
    if (distance > this.#length) {
      this.#end('damaged');
      return;
    }
    for (let index = 0; index < length && this.#ending === null; index += 1)
      this.#put(this.#out[this.#length - distance] ?? 0);
  }

  #put(byte: number): void {
    if (this.#length >= this.#most) {
      this.#end('more');
      return;
    }
    if (this.#length === this.#out.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.#most, 4 * this.#length));
      this.#out.copy(larger);
      this.#out = larger;
    }
    this.#out[this.#length] = byte;
    this.#length += 1;
  }
}

const fixedLiterals = codeOf(
  Uint8Array.from({ length: 288 }, (_, symbol) =>
    symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
  ),
);
const fixedDistances = codeOf(new Uint8Array(30).fill(5));

/** RFC 1950, 8.2. */
function adler32(bytes: Buffer): number {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}
