import { PratiqueError } from '../../core/errors.ts';
import { decodeName } from './tar-path.ts';

export const blockSize = 512;

/** One header block as written, before long names and PAX records are applied. */
export interface RawHeader {
  readonly name: string;
  readonly linkName: string;
  /** Bytes stored after the header. */
  readonly size: number;
  readonly type: string;
  /** Permission bits (chmod(2)). */
  readonly mode: number;
  /** Old GNU sparse file whose map goes on in further blocks. */
  readonly extendedSparse: boolean;
}

/** Whether the block's checksum is right; both ways of summing are in use (as in Go's archive/tar). */
export function hasValidChecksum(block: Buffer): boolean {
  const stated = octal(block, 148, 8);
  if (stated === null) return false;
  let sum = 0;
  for (let index = 0; index < blockSize; index += 1) sum += block[index] ?? 0;
  // The field itself counts as eight spaces.
  for (let index = 148; index < 156; index += 1) sum += 0x20 - (block[index] ?? 0);
  return stated === sum || stated === sum - 256 * highBytes(block);
}

/** Bytes that are negative where they are taken for signed, as in Sun's tar. */
function highBytes(block: Buffer): number {
  let count = 0;
  block.forEach((byte, index) => {
    if (byte > 127 && (index < 148 || index >= 156)) count += 1;
  });
  return count;
}

const zeroBlock = Buffer.alloc(blockSize);

export function isZeroBlock(block: Buffer): boolean {
  return block.equals(zeroBlock);
}

/** @throws PratiqueError `layer-unreadable` */
export function readHeader(block: Buffer): RawHeader {
  if (!hasValidChecksum(block)) throw unreadable('a tar header has a wrong checksum');
  const type = String.fromCharCode(block[156] ?? 0);
  const shortName = decodeName(field(block, 0, 100));
  const prefix = prefixOf(block);
  const name = prefix === '' ? shortName : `${prefix}/${shortName}`;
  const size = number(block, 124, 12);
  if (size === null || size < 0 || !Number.isSafeInteger(size)) {
    throw unreadable(`the tar header of "${name}" has no valid size`);
  }
  return {
    name,
    linkName: decodeName(field(block, 157, 100)),
    size,
    type,
    // Where it is no number, Go's reader refuses the archive, so that nothing of it runs.
    mode: octal(block, 100, 8) ?? 0,
    extendedSparse: type === 'S' && block[482] !== 0,
  };
}

/** The first part of a long name; where it lies depends on the dialect, told as Go's archive/tar does. */
function prefixOf(block: Buffer): string {
  const magic = block.toString('latin1', 257, 265);
  // star keeps times at the end of POSIX' prefix.
  const star = block.toString('latin1', 508, 512) === 'tar\0';
  if (magic.startsWith('ustar\0')) return decodeName(field(block, 345, star ? 131 : 155));
  if (magic !== 'ustar  \0') return '';
  // GNU keeps times there. Early Go wrote a prefix all the same, so where they are no times its reader takes one.
  const times = [block.subarray(345, 357), block.subarray(357, 369)];
  if (times.every((time) => time[0] === 0 || isNumber(time))) return '';
  const prefix = field(block, 345, 155);
  return prefix.every((byte) => byte < 0x80) ? prefix.toString('latin1') : '';
}

/** Whether a numeric field can be read, be it negative; at most 63 bits (as in Go's archive/tar). */
function isNumber(bytes: Buffer): boolean {
  const first = bytes[0] ?? 0;
  if ((first & 0x80) === 0) return octal(bytes, 0, bytes.length) !== null;
  const inverted = (first & 0x40) === 0 ? 0 : 0xff;
  const digits = [...bytes].map((byte, index) => (byte ^ inverted) & (index === 0 ? 0x7f : 0xff));
  return digits.slice(0, -8).every((byte) => byte === 0) && (digits.at(-8) ?? 0) < 0x80;
}

/** Whether another block of an old GNU sparse map follows this one. */
export function sparseMapGoesOn(block: Buffer): boolean {
  return block[504] !== 0;
}

export function unreadable(message: string): PratiqueError {
  return new PratiqueError('layer-unreadable', message);
}

function field(block: Buffer, start: number, length: number): Buffer {
  const end = block.indexOf(0, start);
  return block.subarray(start, end >= start && end < start + length ? end : start + length);
}

/** Octal text, or base-256 when the first bit is set (GNU, star). */
function number(block: Buffer, start: number, length: number): number | null {
  const first = block[start] ?? 0;
  if ((first & 0x80) === 0) return octal(block, start, length);
  // 0x40 is the sign; a negative size is no size.
  if ((first & 0x40) !== 0) return null;
  let value = first & 0x3f;
  for (let index = start + 1; index < start + length; index += 1) value = value * 256 + (block[index] ?? 0);
  return value;
}

/** Octal digits. Spaces and zero bytes around them are padding; a zero byte between ends them. */
function octal(block: Buffer, start: number, length: number): number | null {
  let from = start;
  let to = start + length;
  while (from < to && isPadding(block[from])) from += 1;
  while (to > from && isPadding(block[to - 1])) to -= 1;
  let value = 0;
  for (let index = from; index < to; index += 1) {
    const byte = block[index] ?? 0;
    if (byte === 0) break;
    if (byte < 0x30 || byte > 0x37) return null;
    value = value * 8 + (byte - 0x30);
  }
  return value;
}

function isPadding(byte: number | undefined): boolean {
  return byte === 0 || byte === 0x20;
}
