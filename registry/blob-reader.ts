import { close, open, read } from 'node:fs';

/** Bytes per read. Measured: smaller costs more turns of the event loop, larger falls out of the processor's cache. */
const readSize = 256 * 1024;
/** Buffers kept for the next transfer: 16 MiB at most. */
const mostSpare = 64;
const spare: Buffer[] = [];

/**
 * Hands a file's bytes from `start` to `end` (inclusive) to `write`, one buffer's fill at a time, into the same
 * memory again and again: fresh memory for each read is a third of the cost of serving a blob. `write` must be
 * done with a chunk when it resolves.
 * @throws Error what the file system or `write` says; a file that ends before `end`
 */
export async function copyFrom(
  file: string,
  range: { readonly start: number; readonly end: number },
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  const handle = await opened(file);
  try {
    const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(readSize);
    let at = range.start;
    while (at <= range.end) {
      const count = await readInto(handle, buffer, Math.min(readSize, range.end + 1 - at), at);
      if (count === 0) throw new Error(`the file ends at ${at}, before ${range.end + 1} bytes`);
      await write(buffer.subarray(0, count));
      at += count;
    }
    // After a failure a socket may still hold it, and the next transfer's bytes would go to the wrong client.
    if (spare.length < mostSpare) spare.push(buffer);
  } finally {
    close(handle, () => undefined);
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
