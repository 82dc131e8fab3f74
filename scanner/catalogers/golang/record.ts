/** What the Go linker writes into a program (Go's debug/buildinfo). */
export type BuildRecord =
  | {
      readonly kind: 'inline';
      /** As the toolchain calls itself: `go1.22.3`. */
      readonly toolchain: string;
      /** Where the framed list of modules lies, from the start of the record. */
      readonly modulesAt: number;
      readonly modulesLength: number;
    }
  /** Before Go 1.18 it holds addresses of texts that lie elsewhere in the program. */
  | { readonly kind: 'addresses' };

export const mark = Buffer.from('\xff Go buildinf:', 'latin1');
/** The linker aligns the record in memory, and memory is aligned with the file by more than that. */
export const alignment = 16;
const textsAt = 32;
const longestToolchain = 256;
const longestLength = 5;
/** Frames around the list of modules, by which also readers of memory find it. */
export const frameLength = 16;
export const frameStart = Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex');
export const frameEnd = Buffer.from('f932433186182072008242104116d8f2', 'hex');
/** Enough to tell what a record is. */
export const headLength = textsAt + 2 * longestLength + longestToolchain + frameLength;

const inlineFlag = 2;

/**
 * Reads the start of a record, `headLength` bytes where the file has as many. Null: the mark stands there for another
 * reason, such as a program that looks for it itself.
 */
export function readRecord(head: Buffer): BuildRecord | null {
  if (head.length < textsAt) return null;
  const flags = head.readUInt8(mark.length + 1);
  if ((flags & inlineFlag) === 0) return isAddresses(head, flags) ? { kind: 'addresses' } : null;
  const first = readLength(head, textsAt);
  if (first === null || first.value === 0 || first.value > longestToolchain) return null;
  const end = first.end + first.value;
  const toolchain = head.toString('latin1', first.end, end);
  if (head.length < end || !/^[ -~]+$/.test(toolchain)) return null;
  const second = readLength(head, end);
  if (second === null) return null;
  const { value: modulesLength, end: modulesAt } = second;
  const framed = head.subarray(modulesAt, modulesAt + frameLength).equals(frameStart);
  // Whoever names a toolchain in his own way is believed where the frame is there.
  if (!framed && !/^(?:go[0-9]|devel\b)/.test(toolchain)) return null;
  return { kind: 'inline', toolchain, modulesAt, modulesLength };
}

/** Two addresses, of 4 or 8 bytes, of texts' headers, which are aligned. */
function isAddresses(head: Buffer, flags: number): boolean {
  const width = head.readUInt8(mark.length);
  if ((width !== 4 && width !== 8) || flags > 1) return false;
  return [mark.length + 2, mark.length + 2 + width].some((at) => {
    const address = flags === 1 ? head.readUIntBE(at + width - 4, 4) : head.readUIntLE(at, 4);
    return address !== 0 && address % 4 === 0;
  });
}

/** The list of modules without its frame; null when the frame is broken. */
export function unframe(bytes: Buffer): Buffer | null {
  if (bytes.length === 0) return bytes;
  if (bytes.length < 2 * frameLength) return null;
  const whole =
    bytes.subarray(0, frameLength).equals(frameStart) && bytes.subarray(-frameLength).equals(frameEnd);
  return whole ? bytes.subarray(frameLength, -frameLength) : null;
}

/** An unsigned number in groups of seven bits, the lowest first. */
function readLength(bytes: Buffer, from: number): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let index = 0; index < longestLength; index++) {
    const byte = bytes[from + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: from + index + 1 };
  }
  return null;
}
