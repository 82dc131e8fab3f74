import type { Bits } from './bits.ts';
import { HuffmanTable, readLengths } from './huffman.ts';

/** After so many symbols the next table is used. */
const groupSize = 50;

/** A block's bytes before the sorting of rotations is undone, and where its first byte is. */
export interface SortedBlock {
  readonly length: number;
  readonly origin: number;
}

/**
 * Reads a block's head, tables and symbols into `sorted`, one byte value per place.
 * @param sorted as long as the stream's blocks may be; more is an error
 */
export function readBlock(bits: Bits, sorted: Uint32Array): SortedBlock {
  if (bits.take(1) !== 0) throw new Error('it was made by a version of bzip2 that is too old');
  const origin = bits.take(24);
  const used = readUsedBytes(bits);
  const endOfBlock = used.length + 1;
  const tableCount = bits.take(3);
  if (tableCount < 2 || tableCount > 6) throw new Error(`it has ${tableCount} tables of codes in a block`);
  const selectors = readSelectors(bits, tableCount);
  const tables = Array.from(
    { length: tableCount },
    () => new HuffmanTable(readLengths(bits, used.length + 2)),
  );
  const length = readSymbols(sorted, used, endOfBlock, symbolsOf(bits, tables, selectors));
  if (origin >= length) throw new Error('a block begins beyond its end');
  return { length, origin };
}

/** The byte values that occur in a block: sixteen bits say which sixteens have any, then which. */
function readUsedBytes(bits: Bits): Uint8Array {
  const sixteens = bits.take(16);
  const used: number[] = [];
  for (let high = 0; high < 16; high++) {
    if ((sixteens & (0x8000 >> high)) === 0) continue;
    const lows = bits.take(16);
    for (let low = 0; low < 16; low++) if ((lows & (0x8000 >> low)) !== 0) used.push(high * 16 + low);
  }
  if (used.length === 0) throw new Error('a block has no byte values');
  return Uint8Array.from(used);
}

/** Which table each group of symbols uses, said by its place in a list whose last used one is in front. */
function readSelectors(bits: Bits, tableCount: number): Uint8Array {
  const count = bits.take(15);
  if (count === 0) throw new Error('a block has no symbols');
  const recent = Array.from({ length: tableCount }, (_, table) => table);
  const selectors = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let place = 0;
    while (bits.take(1) === 1)
      if (++place >= tableCount) throw new Error('it names a table that is not there');
    const [table = 0] = recent.splice(place, 1);
    recent.unshift(table);
    selectors[i] = table;
  }
  return selectors;
}

function symbolsOf(bits: Bits, tables: readonly HuffmanTable[], selectors: Uint8Array): () => number {
  let group = 0;
  let left = 0;
  let table: HuffmanTable | undefined;
  return () => {
    if (left === 0) {
      table = tables[selectors[group++] ?? tables.length];
      left = groupSize;
    }
    if (table === undefined) throw new Error('a block has more symbols than it says');
    left--;
    return table.next(bits);
  };
}

/**
 * Undoes the coding of runs (symbols 0 and 1: a number in bijective base 2) and the moving to front.
 * @returns how many bytes there are
 */
function readSymbols(sorted: Uint32Array, used: Uint8Array, endOfBlock: number, next: () => number): number {
  const recent = Uint8Array.from(used);
  let length = 0;
  let run = 0;
  let weight = 1;
  for (;;) {
    const symbol = next();
    if (symbol <= 1) {
      run += weight << symbol;
      weight <<= 1;
      // Before the weight could leave 32 bits.
      if (run > sorted.length) throw new Error('a block is longer than it may be');
      continue;
    }
    if (length + run > sorted.length) throw new Error('a block is longer than it may be');
    sorted.fill(recent[0] ?? 0, length, length + run);
    length += run;
    run = 0;
    weight = 1;
    if (symbol === endOfBlock) return length;
    if (length >= sorted.length) throw new Error('a block is longer than it may be');
    const place = symbol - 1;
    const byte = recent[place] ?? 0;
    recent.copyWithin(1, 0, place);
    recent[0] = byte;
    sorted[length++] = byte;
  }
}
