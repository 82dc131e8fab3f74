import { Bits, type ReadInto } from './bits.ts';
import { readBlock, type SortedBlock } from './block.ts';

/** The first six bytes of a block (the digits of pi), and what stands where there is none left (of its root). */
const blockMark = 0x314159265359;
const endMark = 0x177245385090;
const blockUnit = 100_000;
const pieceSize = 64 * 1024;

/**
 * Unpacks bzip2, streams one after the other. Memory is that of one block (3.6 MB), whatever the bytes say: the
 * packages there are for it keep a block unpacked, which may be fifty times as large, or do not end on broken input.
 * @throws Error when the bytes are broken, cut, or followed by something else
 */
export function* bunzip2(read: ReadInto): Generator<Uint8Array> {
  const bits = new Bits(read);
  do yield* unpackStream(bits);
  while (!bits.atEnd());
}

function* unpackStream(bits: Bits): Generator<Uint8Array> {
  if (bits.take(24) !== 0x425a68) throw new Error('it does not begin as bzip2 does');
  const level = bits.take(8) - 0x30;
  if (level < 1 || level > 9) throw new Error('it names no size of its blocks');
  const sorted = new Uint32Array(level * blockUnit);
  let total = 0;
  for (;;) {
    const mark = bits.take(24) * 0x1000000 + bits.take(24);
    const stated = bits.word();
    if (mark === endMark) {
      if (stated !== total) throw new Error('its checksum is wrong');
      bits.align();
      return;
    }
    if (mark !== blockMark) throw new Error('it has no block where one should begin');
    const checksum = yield* unpackBlock(sorted, readBlock(bits, sorted));
    if (checksum !== stated) throw new Error('the checksum of a block is wrong');
    total = (((total << 1) | (total >>> 31)) ^ checksum) >>> 0;
  }
}

/**
 * Undoes the sorting of rotations and the first coding of runs (after four same bytes: how many more follow).
 * @returns the checksum of what was given
 */
function* unpackBlock(sorted: Uint32Array, block: SortedBlock): Generator<Uint8Array, number> {
  linkRotations(sorted, block.length);
  let out = Buffer.allocUnsafe(pieceSize);
  let filled = 0;
  let checksum = 0xffffffff;
  let at = (sorted[block.origin] ?? 0) >>> 8;
  let previous = -1;
  let same = 0;
  for (let i = 0; i < block.length; i++) {
    const entry = sorted[at] ?? 0;
    at = entry >>> 8;
    const byte = entry & 0xff;
    let copies = 1;
    let value = byte;
    if (same === 4) {
      copies = byte;
      value = previous;
      same = 0;
      previous = -1;
    } else {
      same = byte === previous ? same + 1 : 1;
      previous = byte;
    }
    for (; copies > 0; copies--) {
      checksum = (checksum << 8) ^ (crcTable[(checksum >>> 24) ^ value] ?? 0);
      out[filled++] = value;
      if (filled < pieceSize) continue;
      yield out;
      out = Buffer.allocUnsafe(pieceSize);
      filled = 0;
    }
  }
  if (filled > 0) yield out.subarray(0, filled);
  return ~checksum >>> 0;
}

/** Puts into the upper 24 bits of each place where the byte after it is to be found. */
function linkRotations(sorted: Uint32Array, length: number): void {
  const starts = new Uint32Array(257);
  for (let i = 0; i < length; i++) {
    const next = ((sorted[i] ?? 0) & 0xff) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let byte = 0; byte < 256; byte++) starts[byte + 1] = (starts[byte + 1] ?? 0) + (starts[byte] ?? 0);
  for (let i = 0; i < length; i++) {
    const byte = (sorted[i] ?? 0) & 0xff;
    const place = starts[byte] ?? 0;
    starts[byte] = place + 1;
    sorted[place] = ((i << 8) | ((sorted[place] ?? 0) & 0xff)) >>> 0;
  }
}

/** CRC-32 with the highest bit first. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});
