const pageSize = 4096;
const slotSize = 16;
const blockSize = 16;
/** Slots that the file's header takes the room of. */
const reservedSlots = 2;

/**
 * A database in rpm's ndb format: a header ("RpmP", version, generation, pages of slots, next package number), slots
 * ("Slot", package number, first block, blocks), and packages ("BlbS", number, time, size, bytes, adler32, size,
 * "BlbE") at multiples of 16 bytes.
 */
export function ndbOf(blobs: readonly Buffer[]): Buffer {
  const slotPages = Math.ceil((blobs.length + reservedSlots + 1) / (pageSize / slotSize));
  const front = Buffer.alloc(slotPages * pageSize);
  for (let at = 0; at < front.length; at += slotSize) front.write('Slot', at, 'latin1');
  front.fill(0, 0, reservedSlots * slotSize);
  front.write('RpmP', 0, 'latin1');
  for (const [i, value] of [0, 7, slotPages, blobs.length + 1].entries())
    front.writeUInt32LE(value, 4 + 4 * i);
  const parts: Buffer[] = [front];
  let block = front.length / blockSize;
  for (const [i, blob] of blobs.entries()) {
    const bytes = packageOf(i + 1, blob);
    const blocks = bytes.length / blockSize;
    // A slot stays free in between, as after a removal.
    const at = (reservedSlots + i + (i > 0 ? 1 : 0)) * slotSize;
    for (const [field, value] of [i + 1, block, blocks].entries())
      front.writeUInt32LE(value, at + 4 + 4 * field);
    parts.push(bytes);
    block += blocks;
  }
  return Buffer.concat(parts);
}

function packageOf(index: number, blob: Buffer): Buffer {
  const size = Math.ceil((16 + blob.length + 12) / blockSize) * blockSize;
  const bytes = Buffer.alloc(size);
  bytes.write('BlbS', 0, 'latin1');
  for (const [i, value] of [index, 1_700_000_000, blob.length].entries())
    bytes.writeUInt32LE(value, 4 + 4 * i);
  bytes.set(blob, 16);
  bytes.writeUInt32LE(adler32(bytes.subarray(0, size - 12)), size - 12);
  bytes.writeUInt32LE(blob.length, size - 8);
  bytes.write('BlbE', size - 4, 'latin1');
  return bytes;
}

/** RFC 1950. */
function adler32(bytes: Buffer): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}
