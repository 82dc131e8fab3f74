import { inflateRawSync } from 'node:zlib';
import { errorText } from '../../../core/errors.ts';
import type { ZipFault } from './directory.ts';
import type { ZipEntry } from './entries.ts';
import type { ZipBudget } from './limits.ts';

const stored = 0;
const deflated = 8;
/** Deflate makes nothing smaller than by this; what says more lies. */
const bestRatio = 1032;

/**
 * The unpacked bytes of an entry. Checksums are not looked at: Java does not either, so what is read here is what runs.
 * @param most bytes for this entry
 */
export function readEntry(
  archive: Buffer,
  entry: ZipEntry,
  budget: ZipBudget,
  most: number,
): { readonly bytes: Buffer } | ZipFault {
  if (entry.encrypted) return { fault: 'it is encrypted' };
  const limit = Math.min(most, budget.limits.entryBytes);
  if (entry.bytes > limit)
    return { fault: `it has ${entry.bytes} bytes, more than the ${limit} that are read` };
  if (entry.bytes > budget.bytes) {
    return {
      fault: `with it more than ${budget.allowed} bytes of the archive would have to be unpacked`,
    };
  }
  const packed = archive.subarray(entry.data, entry.data + entry.packedBytes);
  if (packed.length < entry.packedBytes) return { fault: 'it is cut off' };
  // What fails has cost as much.
  budget.bytes -= entry.bytes;
  return unpack(packed, entry);
}

function unpack(packed: Buffer, entry: ZipEntry): { readonly bytes: Buffer } | ZipFault {
  const differs = { fault: 'it is longer or shorter than the archive says' };
  if (entry.method === stored) return packed.length === entry.bytes ? { bytes: packed } : differs;
  if (entry.method !== deflated)
    return { fault: `it is compressed by method ${entry.method}, which is not deflate` };
  if (entry.bytes > packed.length * bestRatio) return differs;
  try {
    // One byte more shows that there is more.
    const bytes = inflateRawSync(packed, { maxOutputLength: entry.bytes + 1 });
    return bytes.length === entry.bytes ? { bytes } : differs;
  } catch (error) {
    const tooLong = error instanceof RangeError;
    return tooLong ? differs : { fault: `it cannot be unpacked: ${errorText(error)}` };
  }
}
