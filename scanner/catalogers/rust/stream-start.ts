/** Enough of a stream to tell what `mayStart` tells. */
export const startLength = 16;

/** `{"packages":`, as serde_json writes it. */
const begin = '{"packages":';
/** As bits come in a stream, the first one lowest: codes of the two first letters with the fixed table (RFC 1951, 3.2.6). */
const fixedLetters = [0x7b, 0x22].map((letter) => reversed(0x30 + letter));
/** Code lengths come in this order (RFC 1951, 3.2.7), in which it does not matter here. */
const mostLengths = 19;

/** The second byte of a zlib stream without a dictionary, by level (RFC 1950, 2.2). */
export const secondBytes: readonly number[] = [0x01, 0x5e, 0x9c, 0xda];

/**
 * Whether at a place where bytes look like the head of a zlib stream there may be one that holds what cargo-auditable
 * writes. Says no of nearly everything else at the cost of a glance: by chance such a head is in every sixteen kilobytes.
 */
export function mayStart(bytes: Buffer, at: number): boolean {
  if (at + startLength > bytes.length) return false;
  const first = bytes.readUInt8(at + 2);
  switch ((first >> 1) & 3) {
    case 0:
      return bytes.toString('latin1', at + 7, at + startLength) === begin.slice(0, startLength - 7);
    case 1:
      return bitsAt(bytes, at, 3, 8) === fixedLetters[0] && bitsAt(bytes, at, 11, 8) === fixedLetters[1];
    case 2:
      return hasWholeTable(bytes, at);
    default:
      return false;
  }
}

/** Whether the code of the code lengths is complete, which it is in streams alone. */
function hasWholeTable(bytes: Buffer, at: number): boolean {
  if (bitsAt(bytes, at, 3, 5) > 29 || bitsAt(bytes, at, 8, 5) > 29) return false;
  const count = Math.min(bitsAt(bytes, at, 13, 4) + 4, mostLengths);
  let filled = 0;
  for (let index = 0; index < count; index += 1) {
    const length = bitsAt(bytes, at, 17 + 3 * index, 3);
    if (length > 0) filled += 2 ** (7 - length);
  }
  return filled === 2 ** 7;
}

/** @param at of the stream's head, two bytes before its bits */
function bitsAt(bytes: Buffer, at: number, bit: number, count: number): number {
  const byte = at + 2 + (bit >> 3);
  const two = bytes.readUInt8(byte) | ((bytes[byte + 1] ?? 0) << 8);
  return (two >> (bit & 7)) & (2 ** count - 1);
}

function reversed(code: number): number {
  let result = 0;
  for (let bit = 0; bit < 8; bit += 1) if ((code & (1 << bit)) !== 0) result |= 0x80 >> bit;
  return result;
}

export { begin as textStart };
