import { close, open, read } from 'node:fs';
import { errorCode } from '../core/errors.ts';

/** Bytes per read. Measured: smaller costs more turns of the event loop, larger falls out of the processor's cache. */
const readSize = 256 * 1024;
/** Buffers kept for the next transfer, two for each: 32 MiB at most. */
const mostSpare = 128;
const spare: Buffer[] = [];
/**
 * Transfers at once up to which each reads ahead. With more of them there is always one that can be written, and twice the
 * memory falls out of the processor's cache (measured: 64 transfers are slower by half with it).
 */
const mostAhead = 8;
let active = 0;

/**
 * Hands a file's bytes from `start` to `end` (inclusive) to `write`, one buffer's fill at a time, into the same
 * memory again and again: fresh memory for each read is a third of the cost of serving a blob. `write` must be
 * done with a chunk when it resolves.
 * @throws Error what the file system or `write` says; a file that ends before `end`
 */
export async function copyFrom(
  file: string,
  range: ByteRange,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  await copyGrowing([file], range, () => Promise.resolve(range.end + 1), write);
}

/** Bytes from `start` to `end`, both inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * As `copyFrom`, of a file that still grows.
 * @param files names under which it may be found: the first that there is
 * @param available how far it can be read, waiting until that is further than `at`; at most `end` + 1
 * @throws Error as `copyFrom`; what `available` throws
 */
export async function copyGrowing(
  files: readonly string[],
  range: ByteRange,
  available: (at: number) => Promise<number>,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  const handle = await openedFirst(files);
  active += 1;
  const first = buffer();
  const ahead = active <= mostAhead && range.end - range.start >= readSize;
  const pair = ahead ? [first, buffer()] : [first];
  const fill = async (into: Buffer, at: number): Promise<Buffer> => {
    const until = await available(at);
    const count = await readInto(handle, into, Math.min(readSize, until - at), at);
    if (count === 0) throw new Error(`the file ends at ${at}, before ${range.end + 1} bytes`);
    return into.subarray(0, count);
  };
  let reading: Promise<Buffer> = fill(first, range.start);
  try {
    for (let at = range.start, turn = 1; at <= range.end; turn += 1) {
      const chunk = await reading;
      at += chunk.length;
      // The disk fills one while the network empties the other.
      if (ahead && at <= range.end) {
        reading = fill(pair[turn % 2] ?? first, at);
        reading.catch(() => undefined);
      }
      await write(chunk);
      if (!ahead && at <= range.end) reading = fill(first, at);
    }
    // After a failure a socket may still hold them, and the next transfer's bytes would go to the wrong client.
    spare.push(...pair.slice(0, mostSpare - spare.length));
  } finally {
    // What is being read still needs the file; nobody waits for that.
    active -= 1;
    const end = (): void => close(handle, () => undefined);
    reading.then(end, end);
  }
}

function buffer(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(readSize);
}

async function openedFirst(files: readonly string[]): Promise<number> {
  const [file = '', ...others] = files;
  if (others.length === 0) return opened(file);
  try {
    return await opened(file);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return openedFirst(others);
  }
}

function opened(file: string): Promise<number> {
  return new Promise((resolve, reject) =>
    open(file, 'r', (error, handle) => (error === null ? resolve(handle) : reject(error))),
  );
}

function readInto(handle: number, buffer: Buffer, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) =>
    read(handle, buffer, 0, length, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    ),
  );
}
