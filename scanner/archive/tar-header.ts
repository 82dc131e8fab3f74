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
  /** Old GNU sparse file whose map goes on in further blocks. */
  readonly extendedSparse: boolean;
}

/** Whether the block's checksum is right; both ways of summing are in use (as in Go's archive/tar). */
export function hasValidChecksum(block: Buffer): boolean {
  const stated = octal(block, 148, 8);
  if (stated === null) return false;
  let unsigned = 0;
  let signed = 0;
  for (let index = 0; index < blockSize; index += 1) {
    const byte = index >= 148 && index < 156 ? 0x20 : (block[index] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return stated === unsigned || stated === signed;
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
  const magic = block.toString('latin1', 257, 265);
  // "ustar\0" + version is POSIX; GNU writes "ustar  \0" and keeps other things where POSIX has the prefix.
  const prefixLength = block.toString('latin1', 508, 512) === 'tar\0' ? 131 : 155;
  const prefix = magic.startsWith('ustar\0') ? decodeName(field(block, 345, prefixLength)) : '';
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
    extendedSparse: type === 'S' && block[482] !== 0,
  };
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

function octal(block: Buffer, start: number, length: number): number | null {
  const text = block.toString('latin1', start, start + length).replace(/^[ \0]+|[ \0]+$/g, '');
  if (text === '') return 0;
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : null;
}
