import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PratiqueError } from '../../../core/errors.ts';
import { decompress, formatOf } from '../../../scanner/archive/decompress.ts';
import { defaultLayerLimits } from '../../../scanner/limits.ts';

/** The bytes of an archive, unpacked where the whole of it is compressed. */
export interface ArchiveBytes {
  /** What is read again from the start to be read earlier: places are best asked for in their order, one after the other. */
  readonly forwardOnly: boolean;
  /** Fewer than were asked for, where the archive ends. */
  read(position: number, length: number): Promise<Buffer>;
  /** Ends early where the archive does. */
  stream(position: number, length: number): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Bytes that are read at once. */
const chunkBytes = 1024 * 1024;
/** From this size on, bytes unpacked; archives of layers are not compressed that well. */
const bombBytes = 1024 ** 3;
const bombRatio = 500;

/** @throws the file system's errors */
export async function openBytes(file: string): Promise<ArchiveBytes> {
  const handle = await open(file, 'r');
  try {
    const start = new Uint8Array(6);
    await handle.read(start, 0, start.length, 0);
    if (formatOf(start) === 'plain') return new PlainBytes(handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return new PackedBytes(file);
}

class PlainBytes implements ArchiveBytes {
  readonly forwardOnly = false;
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(position: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(buffer, filled, length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  async *stream(position: number, length: number): AsyncGenerator<Uint8Array> {
    for (let done = 0; done < length; ) {
      const chunk = await this.read(position + done, Math.min(chunkBytes, length - done));
      if (chunk.length === 0) return;
      done += chunk.length;
      yield chunk;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** A compressed archive: nothing is kept of it, so that what lies before the last place is unpacked once more. */
class PackedBytes implements ArchiveBytes {
  readonly forwardOnly = true;
  readonly #file: string;
  #unpacking: AsyncGenerator<Uint8Array> | null = null;
  #left: Uint8Array = new Uint8Array(0);
  #at = 0;
  #busy = false;

  constructor(file: string) {
    this.#file = file;
  }

  async read(position: number, length: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const part of this.stream(position, length)) parts.push(part);
    return Buffer.concat(parts);
  }

  async *stream(position: number, length: number): AsyncGenerator<Uint8Array> {
    if (this.#busy) throw new Error('two members of a compressed archive are read at once');
    this.#busy = true;
    try {
      if (position < this.#at || this.#unpacking === null) await this.#restart();
      for (let skip = position - this.#at; skip > 0; ) {
        const part = await this.#next(skip);
        if (part === null) return;
        skip -= part.length;
      }
      for (let wanted = length; wanted > 0; ) {
        const part = await this.#next(wanted);
        if (part === null) return;
        wanted -= part.length;
        yield part;
      }
    } finally {
      this.#busy = false;
    }
  }

  async close(): Promise<void> {
    await this.#unpacking?.return(undefined);
    this.#unpacking = null;
  }

  async #restart(): Promise<void> {
    await this.close();
    this.#unpacking = unpack(this.#file);
    this.#left = new Uint8Array(0);
    this.#at = 0;
  }

  /** At most so many bytes; null: there are no more. */
  async #next(most: number): Promise<Uint8Array | null> {
    while (this.#left.length === 0) {
      const next = await this.#unpacking?.next();
      if (next === undefined || next.done === true) return null;
      this.#left = next.value;
    }
    const part = this.#left.subarray(0, most);
    this.#left = this.#left.subarray(part.length);
    this.#at += part.length;
    return part;
  }
}

async function* unpack(file: string): AsyncGenerator<Uint8Array> {
  let packed = 0;
  let unpacked = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes })) {
      const bytes = chunk as Uint8Array;
      packed += bytes.length;
      yield bytes;
    }
  }
  for await (const chunk of decompress(counted())) {
    unpacked += chunk.length;
    if (unpacked > defaultLayerLimits.uncompressedBytes) {
      throw new PratiqueError(
        'limit-exceeded',
        `it unpacks to more than ${defaultLayerLimits.uncompressedBytes} bytes`,
      );
    }
    if (unpacked > bombBytes && unpacked > packed * bombRatio) {
      throw new PratiqueError('limit-exceeded', `it unpacks to more than ${bombRatio} times its size`);
    }
    yield chunk;
  }
}
