import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CompressStream } from 'zstd-napi';
import { type Digest, parseDigest } from '../../core/digest.ts';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { schemaVersion } from '../../db/advisories-check.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { storedOf } from '../../db/advisories-name.ts';
import { syncPath } from '../../db/durable-files.ts';
import { type ExportHeader, writeHeader } from './header.ts';

export interface Packed {
  readonly header: ExportHeader;
  /** As readers know it. */
  readonly revision: string;
  readonly bytes: number;
  /** Of the file that was written. */
  readonly digest: Digest;
}

export type BytesDone = (done: number, total: number) => void;

/** zstd's; higher ones take twice the time for two hundredths of the size. */
const compressionLevel = 9;
const pieceSize = 1024 * 1024;
const mostAttempts = 5;

/**
 * Writes the advisories in force to a file, aside first. The same advisories give the same bytes.
 * @throws PratiqueError `advisories-missing`, `advisories-unreadable`, `data-unusable`
 */
export async function packAdvisories(
  file: string,
  target: string,
  onProgress: BytesDone = () => undefined,
): Promise<Packed> {
  const aside = join(dirname(target), `.${basename(target)}.${randomBytes(8).toString('hex')}`);
  // Opened once: a swap in the meantime changes nothing here.
  const source = await openChecked(file);
  try {
    const header = await headerOf(source.handle, storedOf(source.revision), onProgress);
    const { digest, bytes } = await write(source.handle, header, aside, onProgress);
    syncPath(aside);
    await rename(aside, target);
    syncPath(dirname(target));
    return { header, revision: source.revision, bytes, digest };
  } catch (error) {
    rmSync(aside, { force: true });
    throw new PratiqueError(
      'data-unusable',
      `the advisories cannot be exported to ${target}: ${errorText(error)}`,
      { target },
      error,
    );
  } finally {
    await source.handle.close();
  }
}

/** Of the open file's own revision, and not of one that took its place in between. */
async function openChecked(
  file: string,
): Promise<{ readonly handle: FileHandle; readonly revision: string }> {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const index = openAdvisoryIndex(file);
    const { revision } = index;
    index.close();
    const handle = await open(file, 'r');
    const again = openAdvisoryIndex(file);
    const isSame = again.revision === revision;
    again.close();
    if (isSame) return { handle, revision };
    await handle.close();
  }
  throw new PratiqueError('data-unusable', `${file} is replaced again and again: export it when it rests`);
}

async function headerOf(handle: FileHandle, revision: string, onProgress: BytesDone): Promise<ExportHeader> {
  const { size, mtime } = await handle.stat();
  const hash = createHash('sha256');
  let done = 0;
  for await (const piece of read(handle)) {
    hash.update(piece);
    done += piece.length;
    onProgress(done, size * 2);
  }
  return {
    schemaVersion,
    revision,
    created: mtime.toISOString(),
    content: { bytes: done, sha256: hash.digest('hex') },
  };
}

async function write(
  handle: FileHandle,
  header: ExportHeader,
  aside: string,
  onProgress: BytesDone,
): Promise<{ readonly digest: Digest; readonly bytes: number }> {
  const hash = createHash('sha256');
  let written = 0;
  const size = header.content.bytes;
  let done = size;
  const counted = async function* (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      done += piece.length;
      onProgress(done, size * 2);
      yield piece;
    }
  };
  const whole = async function* (packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const start = writeHeader(header);
    hash.update(start);
    written += start.length;
    yield start;
    for await (const piece of packed) {
      hash.update(piece);
      written += piece.length;
      yield piece;
    }
  };
  await pipeline(
    Readable.from(counted(read(handle))),
    new CompressStream({ compressionLevel, checksumFlag: true }),
    whole,
    createWriteStream(aside, { flags: 'wx' }),
  );
  const digest = parseDigest(`sha256:${hash.digest('hex')}`);
  if (digest === null) throw new Error('a computed digest did not parse');
  return { digest, bytes: written };
}

function read(handle: FileHandle): AsyncIterable<Uint8Array> {
  return createReadStream('', { fd: handle, start: 0, autoClose: false, highWaterMark: pieceSize });
}
