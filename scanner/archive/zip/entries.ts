import {
  centralSignature,
  findDirectory,
  localSignature,
  type ZipDirectory,
  type ZipFault,
} from './directory.ts';
import type { ZipBudget } from './limits.ts';

/** One entry, as the central directory has it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Where its packed bytes begin. */
  readonly data: number;
}

const localBytes = 30;
const centralBytes = 46;
/** APPNOTE.TXT 4.4.4: traditional and strong encryption, and an encrypted directory. */
const encryptedFlags = 1 | (1 << 6) | (1 << 13);
const zip64Field = 0x0001;

/**
 * The entries of an archive, in the order of its central directory, which is what Java goes by. Ends with a fault
 * where the directory cannot be read further. An entry whose local header says another name is a fault too: other
 * readers would unpack something else.
 */
export function* entriesOf(bytes: Buffer, budget: ZipBudget): Generator<ZipEntry | ZipFault, void> {
  const directory = findDirectory(bytes);
  if ('fault' in directory) {
    yield directory;
    return;
  }
  let count = 0;
  for (let at = directory.start; at < directory.end; count++) {
    if (budget.entries <= 0) {
      yield { fault: `it has more than ${budget.limits.entries} entries, those of archives in it included` };
      return;
    }
    budget.entries -= 1;
    const next = endOfRecord(bytes, at, directory);
    if (next === null) {
      yield { fault: `entry ${count + 1} of its central directory is damaged` };
      return;
    }
    const entry = entryAt(bytes, at, directory, budget.limits.nameBytes);
    if (entry !== null) yield entry;
    at = next;
  }
  // A plain end record counts modulo 65,536.
  if (count !== directory.entries && count % 65_536 !== directory.entries) {
    yield { fault: `it says it has ${directory.entries} entries, but has ${count}` };
  }
}

/** Null: it does not fit. */
function endOfRecord(bytes: Buffer, at: number, { end }: ZipDirectory): number | null {
  if (at + centralBytes > end || bytes.readUInt32LE(at) !== centralSignature) return null;
  const next =
    at +
    centralBytes +
    bytes.readUInt16LE(at + 28) +
    bytes.readUInt16LE(at + 30) +
    bytes.readUInt16LE(at + 32);
  return next <= end ? next : null;
}

/** Null for a folder. */
function entryAt(
  bytes: Buffer,
  at: number,
  directory: ZipDirectory,
  longestName: number,
): ZipEntry | ZipFault | null {
  const nameLength = bytes.readUInt16LE(at + 28);
  const name = bytes.toString('utf8', at + centralBytes, at + centralBytes + nameLength);
  if (nameLength > longestName) return { fault: `an entry has a name of ${nameLength} bytes` };
  const sizes = sizesOf(bytes, at, nameLength);
  if (sizes === null) return { fault: `the zip64 field of "${shown(name)}" is damaged` };
  const local = directory.prefix + sizes.offset;
  if (local + localBytes > directory.start || bytes.readUInt32LE(local) !== localSignature) {
    return { fault: `"${shown(name)}" is not where it says` };
  }
  const localName = bytes.readUInt16LE(local + 26);
  const start = local + localBytes;
  const same =
    localName === nameLength &&
    bytes.compare(bytes, at + centralBytes, at + centralBytes + nameLength, start, start + localName) === 0;
  if (!same) return { fault: `"${shown(name)}" has another name in its own header` };
  if (name.endsWith('/')) return null;
  return {
    name,
    method: bytes.readUInt16LE(at + 10),
    encrypted: (bytes.readUInt16LE(at + 8) & encryptedFlags) !== 0,
    packedBytes: sizes.packedBytes,
    bytes: sizes.bytes,
    data: start + localName + bytes.readUInt16LE(local + 28),
  };
}

interface Sizes {
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

/** APPNOTE.TXT 4.5.3: what does not fit into 32 bits stands in an extra field, in this order. */
function sizesOf(bytes: Buffer, at: number, nameLength: number): Sizes | null {
  const plain = {
    bytes: bytes.readUInt32LE(at + 24),
    packedBytes: bytes.readUInt32LE(at + 20),
    offset: bytes.readUInt32LE(at + 42),
  };
  if (![plain.bytes, plain.packedBytes, plain.offset].includes(0xffffffff)) return plain;
  const extra = at + centralBytes + nameLength;
  const field = extraField(bytes.subarray(extra, extra + bytes.readUInt16LE(at + 30)), zip64Field);
  if (field === null) return null;
  let read = 0;
  const wide = (value: number): number => {
    if (value !== 0xffffffff) return value;
    if (read + 8 > field.length) return Number.NaN;
    read += 8;
    return Number(field.readBigUInt64LE(read - 8));
  };
  const sizes = {
    bytes: wide(plain.bytes),
    packedBytes: wide(plain.packedBytes),
    offset: wide(plain.offset),
  };
  return Object.values(sizes).every((size) => Number.isSafeInteger(size)) ? sizes : null;
}

function extraField(extra: Buffer, id: number): Buffer | null {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (end > extra.length) return null;
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, end);
    at = end;
  }
  return null;
}

/** A name as it may be shown to a person. */
export function shown(name: string): string {
  const short = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  return short.replaceAll(/[\p{Cc}\p{Surrogate}]/gu, '?');
}
