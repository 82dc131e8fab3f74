import { createHash } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errorText, isPratiqueError, PratiqueError } from '../../core/errors.ts';
import { unzstd } from '../../scanner/archive/unzstd.ts';
import { type ExportHeader, unreadable } from './header.ts';
import type { BytesDone } from './pack.ts';

/** Bytes that stay free beside what is unpacked: the server has to write too. */
const spare = 64 * 1024 ** 2;

/** @throws PratiqueError `data-unusable` */
export function requireSpace(where: string, folder: string, bytes: number, free: number): void {
  if (free >= bytes + spare) return;
  throw new PratiqueError(
    'data-unusable',
    `${where} needs ${bytes + spare} bytes in ${folder}, where ${free} are free: make room, or choose another data folder`,
    { where, folder, bytes, free },
  );
}

/** Bytes that are free where a folder lies. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/**
 * Unpacks the content of an export into a new file, never more of it than its header says, and compares its hash. It is
 * on disk when this returns. Where this throws, whatever was written of the file is the caller's to remove.
 * @throws PratiqueError `advisories-unreadable`, `data-unusable`; what the source throws
 */
export async function unpackInto(
  file: string,
  where: string,
  header: ExportHeader,
  packed: AsyncIterable<Uint8Array>,
  onProgress: BytesDone,
): Promise<void> {
  const { bytes, sha256 } = header.content;
  const hash = createHash('sha256');
  let done = 0;
  const handle = await open(file, 'wx', 0o644).catch((error: unknown) => {
    throw cannotWrite(where, file, error);
  });
  const source = new Watched(packed);
  try {
    const content = unzstd(source)[Symbol.asyncIterator]();
    for (;;) {
      const next = await content.next().catch((error: unknown) => {
        // What fails is either the source (a download) or the format.
        if (source.failed) throw error;
        throw unreadable(where, `cannot be unpacked: ${errorText(error)}`, error);
      });
      if (next.done === true) break;
      done += next.value.length;
      if (done > bytes) {
        await content.return(undefined);
        throw unreadable(where, `unpacks to more than the ${bytes} bytes that its header says`);
      }
      hash.update(next.value);
      await writeAll(handle, next.value);
      onProgress(done, bytes);
    }
    if (done < bytes) throw unreadable(where, `unpacks to ${done} bytes, where its header says ${bytes}`);
    if (hash.digest('hex') !== sha256) {
      throw unreadable(where, 'unpacks to something else than its header says: its sha256 is another');
    }
    await handle.sync();
  } catch (error) {
    throw isPratiqueError(error) || source.failed ? error : cannotWrite(where, file, error);
  } finally {
    await handle.close();
  }
}

/** A disk that fills up takes a part and says so with the next one (write(2)). */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
}

function cannotWrite(where: string, file: string, error: unknown): PratiqueError {
  return new PratiqueError(
    'data-unusable',
    `${where} cannot be unpacked to ${file}: ${errorText(error)}`,
    { where, file },
    error,
  );
}

/** Remembers whether it was the source that failed. */
class Watched implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterable<Uint8Array>;
  failed = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const iterator = this.#source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await iterator.next().catch((error: unknown) => {
          this.failed = true;
          throw error;
        });
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
}
