import { fstatSync, readSync } from 'node:fs';
import { RandomAccessReader } from 'yauzl';

const windowSize = 1024 * 1024;

interface Window {
  readonly bytes: Buffer;
  start: number;
  length: number;
}

/**
 * Reads a file in large pieces for yauzl, which asks for some dozens of bytes at a time. Two windows: one moves
 * along the central directory, one along the entries. Synchronous: an import has a thread to itself.
 */
export class WindowedReader extends RandomAccessReader {
  readonly size: number;
  readonly #fd: number;
  #recent: Window = { bytes: Buffer.allocUnsafe(windowSize), start: 0, length: 0 };
  #older: Window = { bytes: Buffer.allocUnsafe(windowSize), start: 0, length: 0 };

  constructor(fd: number) {
    super();
    this.#fd = fd;
    this.size = fstatSync(fd).size;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    try {
      this.copy(buffer.subarray(offset, offset + length), position);
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    callback(null);
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }

  /** Fills `target` from `position` on. Throws where the file ends before that. */
  copy(target: Buffer, position: number): void {
    if (target.length > windowSize) {
      if (fill(this.#fd, target, position) < target.length) throw new Error('the file ends too early');
      return;
    }
    const window = this.#windowWith(position, target.length);
    const from = position - window.start;
    if (from + target.length > window.length) throw new Error('the file ends too early');
    window.bytes.copy(target, 0, from, from + target.length);
  }

  #windowWith(position: number, length: number): Window {
    if (holds(this.#recent, position, length)) return this.#recent;
    [this.#recent, this.#older] = [this.#older, this.#recent];
    if (!holds(this.#recent, position, length)) {
      this.#recent.start = position;
      this.#recent.length = fill(this.#fd, this.#recent.bytes, position);
    }
    return this.#recent;
  }
}

function holds(window: Window, position: number, length: number): boolean {
  return position >= window.start && position + length <= window.start + window.length;
}

/** Reads until the target is full or the file ends; how many bytes there were. */
function fill(fd: number, target: Buffer, position: number): number {
  let filled = 0;
  while (filled < target.length) {
    const got = readSync(fd, target, filled, target.length - filled, position + filled);
    if (got === 0) break;
    filled += got;
  }
  return filled;
}
