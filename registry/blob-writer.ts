import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestAlgorithm, digestHex } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import { type ArrivalTicket, reportTo } from './arrival.ts';
import { diskFailure } from './disk-failure.ts';
import { temporaryName } from './temporary-files.ts';

/** Sees every chunk once, in order; a promise holds the next one back. */
export type ChunkListener = (chunk: Uint8Array) => void | Promise<void>;

export interface BlobWrite {
  readonly digest: Digest;
  /** Bytes that it has to have; null where nobody knows. */
  readonly size: number | null;
  /** Bytes that it may have. */
  readonly limit: number;
  readonly source: AsyncIterable<Uint8Array>;
  readonly onChunk: ChunkListener | null;
  /** For those who follow it; null: nobody can. */
  readonly ticket: ArrivalTicket | null;
  /** Folder of unfinished files, on the same file system as `place`. */
  readonly temporary: string;
  readonly place: { readonly folder: string; readonly file: string };
}

/** See `BlobStore.write`. */
export async function writeBlob(write: BlobWrite): Promise<void> {
  const path = join(write.temporary, write.ticket?.name ?? temporaryName());
  const file = await disk(write.digest, () => open(path, 'wx', 0o600));
  try {
    try {
      await receive(write, file);
      await disk(write.digest, () => file.datasync());
    } finally {
      await disk(write.digest, () => file.close());
    }
    await disk(write.digest, async () => {
      await mkdir(write.place.folder, { recursive: true });
      // Over one that is there already: it holds the same bytes, and who reads it keeps reading the old file.
      await rename(path, write.place.file);
    });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/**
 * Bytes after which the disk is asked for what it has not taken yet, so that the end of a large blob waits for the last of
 * them alone: the kernel would leave half a minute's worth for then.
 */
const syncEvery = 16 * 1024 ** 2;
/** One blob at a time of this thread: whoever unpacks needs libuv's few threads as well. */
let syncing = false;

/** Bytes gathered before they go to disk: many small writes cost more than the copy they save. */
const batchSize = 1024 ** 2;
/** The same where somebody may wait for them. */
const followedBatchSize = 128 * 1024;

async function receive(write: BlobWrite, file: FileHandle): Promise<void> {
  const { digest, size, limit, onChunk, ticket } = write;
  const report = ticket === null ? () => undefined : reportTo(ticket);
  const fullAt = ticket === null ? batchSize : followedBatchSize;
  let written = 0;
  const hash = createHash(digestAlgorithm(digest));
  let received = 0;
  let batch: Uint8Array[] = [];
  let batched = 0;
  let writing: Promise<void> = Promise.resolve();
  let onDisk = 0;
  let settling: Promise<void> = Promise.resolve();
  const settle = (): void => {
    if (syncing || written - onDisk < syncEvery) return;
    syncing = true;
    onDisk = written;
    settling = Promise.all([settling, disk(digest, () => file.datasync())])
      .then(() => undefined)
      .finally(() => {
        syncing = false;
      });
    settling.catch(() => undefined);
  };
  const flush = async (): Promise<void> => {
    const full = batch;
    const length = batched;
    batch = [];
    batched = 0;
    // One batch is on its way to disk while the next one fills.
    await writing;
    writing = disk(digest, () => writeAll(file, full)).then(() => {
      written += length;
      report(written);
      settle();
    });
    // Whoever awaits it next sees the failure; until then it must not count as unhandled.
    writing.catch(() => undefined);
  };
  try {
    for await (const chunk of write.source) {
      received += chunk.length;
      if (received > (size ?? limit)) throw tooLong(write);
      hash.update(chunk);
      batch.push(chunk);
      batched += chunk.length;
      if (batched >= fullAt) await flush();
      await onChunk?.(chunk);
    }
    if (batched > 0) await flush();
  } finally {
    // The file is closed next, so nothing may still be on its way into it. Linux tells a failure once.
    await Promise.all([writing, settling]);
  }
  if (size !== null && received < size) throw truncated(write, received);
  const found = hash.digest('hex');
  if (found !== digestHex(digest)) {
    throw new PratiqueError(
      'digest-mismatch',
      `the blob ${digest} came with other content, whose digest is ${digestAlgorithm(digest)}:${found}`,
      { digest, found },
    );
  }
}

async function writeAll(file: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const { bytesWritten } = await file.writev(chunks);
  if (bytesWritten === total) return;
  // A short write, as a nearly full disk makes them: the rest in one piece, whose own failure tells why.
  await file.writeFile(Buffer.concat(chunks).subarray(bytesWritten));
}

function tooLong(write: BlobWrite): PratiqueError {
  const { digest, size, limit } = write;
  return size === null
    ? new PratiqueError('limit-exceeded', `the blob ${digest} has more than ${limit} bytes`, {
        digest,
        limit,
      })
    : new PratiqueError(
        'digest-mismatch',
        `the blob ${digest} came with more than the ${size} bytes that it has to have`,
        { digest, size },
      );
}

function truncated(write: BlobWrite, received: number): PratiqueError {
  return new PratiqueError(
    'blob-truncated',
    `the blob ${write.digest} ended after ${received} of ${write.size} bytes`,
    { digest: write.digest, received, size: write.size },
  );
}

/** The disk's failures pass with time (a full disk), and say nothing of the image. */
async function disk<Value>(digest: Digest, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw diskFailure(`the blob ${digest} could not be written to the blob store`, { digest }, error);
  }
}
