/** An entry of a tar archive that is a plain file: its bytes, or why they were left out. */
export type TarFile =
  | { readonly name: string; readonly bytes: Buffer }
  | { readonly name: string; readonly rejected: string };

export interface TarLimits {
  readonly entries: number;
  /** Bytes of one entry that is kept. */
  readonly entryBytes: number;
}

const blockSize = 512;

/**
 * The plain files of a tar archive (POSIX.1-2024, pax, "ustar Interchange Format"). Headers of extensions are passed
 * over with their bytes: they hold long names and times, and publishers' archives have no need of them.
 * @throws Error where it is no tar archive, or is cut
 */
export async function* readTar(
  pieces: AsyncIterable<Uint8Array>,
  limits: TarLimits,
): AsyncGenerator<TarFile> {
  const source = new Blocks(pieces);
  try {
    for (let entries = 0; ; entries++) {
      const header = await source.take(blockSize);
      if (header.every((byte) => byte === 0)) return;
      if (entries >= limits.entries) throw new Error(`it has more than ${limits.entries} entries`);
      const { name, size, isFile } = parseHeader(header);
      const padding = (blockSize - (size % blockSize)) % blockSize;
      if (!isFile || size > limits.entryBytes) {
        await source.skip(size + padding);
        if (isFile) yield { name, rejected: `it has ${size} bytes where ${limits.entryBytes} are allowed` };
        continue;
      }
      const bytes = await source.take(size);
      await source.skip(padding);
      yield { name, bytes };
    }
  } finally {
    await source.close();
  }
}

function parseHeader(header: Buffer): {
  readonly name: string;
  readonly size: number;
  readonly isFile: boolean;
} {
  const text = (start: number, length: number): string =>
    header
      .toString('latin1', start, start + length)
      .replace(/\0.*$/s, '')
      .trim();
  let sum = 8 * 0x20;
  for (const [at, byte] of header.entries()) if (at < 148 || at >= 156) sum += byte;
  const stated = text(148, 8);
  if (!/^[0-7]+$/.test(stated) || Number.parseInt(stated, 8) !== sum) {
    throw new Error('it has no header of an entry where one should be');
  }
  const size = text(124, 12);
  if (!/^[0-7]*$/.test(size)) throw new Error('an entry does not say how large it is');
  const type = text(156, 1);
  return {
    name: printable(text(0, 100)),
    size: size === '' ? 0 : Number.parseInt(size, 8),
    isFile: type === '0' || type === '',
  };
}

function printable(name: string): string {
  return name.replaceAll(/[^\x20-\x7e]/g, '?');
}

/** Takes a given number of bytes at a time from pieces of any size. */
class Blocks {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  async take(count: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(count);
    for (let filled = 0; filled < count; ) {
      const part = await this.#next(count - filled);
      bytes.set(part, filled);
      filled += part.length;
    }
    return bytes;
  }

  async skip(count: number): Promise<void> {
    for (let left = count; left > 0; ) left -= (await this.#next(left)).length;
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  /** At least one byte, at most so many. */
  async #next(most: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) throw new Error('it ends too early');
      this.#rest = next.value;
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }
}
