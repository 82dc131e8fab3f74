/** Where an archive's central directory lies in its bytes. */
export interface ZipDirectory {
  readonly start: number;
  readonly end: number;
  /** How many entries it says it has; above 65,535 only zip64 can say so. */
  readonly entries: number;
  /** Bytes before the archive: offsets in it count from there (executable jars begin with a script). */
  readonly prefix: number;
}

export interface ZipFault {
  /** Why, as the end of a sentence about the archive or the entry. */
  readonly fault: string;
}

/** APPNOTE.TXT 4.3.16, 4.3.14, 4.3.15. */
const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
export const centralSignature = 0x02014b50;
/** 4.3.7. */
export const localSignature = 0x04034b50;
const endBytes = 22;
const end64Bytes = 56;
const locator64Bytes = 20;
const longestComment = 0xffff;

/**
 * Finds the central directory as Java does: by the last end record whose comment reaches the end of the file, or that
 * names a directory and a first entry which are there. To go by another record would be to read another archive.
 */
export function findDirectory(bytes: Buffer): ZipDirectory | ZipFault {
  const lowest = Math.max(0, bytes.length - endBytes - longestComment);
  for (let at = bytes.length - endBytes; at >= lowest; at--) {
    if (bytes[at] !== 0x50 || bytes.readUInt32LE(at) !== endSignature) continue;
    const whole = at + endBytes + bytes.readUInt16LE(at + 20) === bytes.length;
    if (whole || isBorneOut(bytes, at)) return directoryAt(bytes, at);
  }
  return { fault: 'it has no central directory: it is no ZIP archive, or cut off' };
}

/** Whether it is a ZIP archive, however damaged: other programs use the same endings for their files. */
export function looksLikeZip(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 2) === 'PK' || !('fault' in findDirectory(bytes));
}

/** Whether what an end record without its zip64 part names is there. */
function isBorneOut(bytes: Buffer, end: number): boolean {
  const directory = end - bytes.readUInt32LE(end + 12);
  const first = directory - bytes.readUInt32LE(end + 16);
  return (
    first >= 0 &&
    hasSignature(bytes, directory, centralSignature) &&
    hasSignature(bytes, first, localSignature)
  );
}

function hasSignature(bytes: Buffer, at: number, signature: number): boolean {
  return at + 4 <= bytes.length && bytes.readUInt32LE(at) === signature;
}

function directoryAt(bytes: Buffer, end: number): ZipDirectory | ZipFault {
  const zip64 = end64At(bytes, end);
  if (zip64 !== null && 'fault' in zip64) return zip64;
  const record = zip64 ?? {
    at: end,
    disks: bytes.readUInt16LE(end + 4) + bytes.readUInt16LE(end + 6),
    entries: bytes.readUInt16LE(end + 10),
    size: bytes.readUInt32LE(end + 12),
    offset: bytes.readUInt32LE(end + 16),
  };
  if (record.disks !== 0) return { fault: 'it is a part of an archive on several disks' };
  const start = record.at - record.size;
  const prefix = start - record.offset;
  if (start < 0 || prefix < 0) return { fault: 'its central directory lies outside of it' };
  if (record.size > 0 && bytes.readUInt32LE(start) !== centralSignature) {
    return { fault: 'its central directory is not where it says' };
  }
  return { start, end: record.at, entries: record.entries, prefix };
}

interface EndRecord {
  readonly at: number;
  readonly disks: number;
  readonly entries: number;
  readonly size: number;
  readonly offset: number;
}

/** Null: there is no zip64 record, or the plain one does not point to it. */
function end64At(bytes: Buffer, end: number): EndRecord | ZipFault | null {
  const isFull =
    bytes.readUInt16LE(end + 10) === 0xffff ||
    bytes.readUInt32LE(end + 12) === 0xffffffff ||
    bytes.readUInt32LE(end + 16) === 0xffffffff;
  const locator = end - locator64Bytes;
  if (!isFull || locator < 0 || bytes.readUInt32LE(locator) !== locator64Signature) return null;
  // Behind a prefix the recorded place is wrong by its length; the record lies right before its locator.
  const recorded = Number(bytes.readBigUInt64LE(locator + 8));
  const at = [recorded, locator - end64Bytes].find(
    (place) => place >= 0 && place + end64Bytes <= locator && bytes.readUInt32LE(place) === end64Signature,
  );
  if (at === undefined) return { fault: 'its zip64 end record is not where it says' };
  return {
    at,
    disks: bytes.readUInt32LE(at + 16) + bytes.readUInt32LE(at + 20),
    entries: Number(bytes.readBigUInt64LE(at + 32)),
    size: Number(bytes.readBigUInt64LE(at + 40)),
    offset: Number(bytes.readBigUInt64LE(at + 48)),
  };
}
