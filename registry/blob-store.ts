import { createReadStream, mkdirSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Digest, digestAlgorithm, digestHex } from '../core/digest.ts';
import { errorCode, errorText, PratiqueError } from '../core/errors.ts';
import { Arrival, type ArrivalTicket } from './arrival.ts';
import { copyFrom } from './blob-reader.ts';
import { type ChunkListener, writeBlob } from './blob-writer.ts';
import { clearAbandoned, temporaryName } from './temporary-files.ts';

/**
 * Blobs by digest, in a folder. A blob exists only when it is whole, verified and renamed into place, so several
 * threads and processes may use one folder.
 */
export interface BlobStore {
  has(digest: Digest): Promise<boolean>;
  /** Bytes. @throws PratiqueError `blob-unknown` */
  size(digest: Digest): Promise<number>;
  /**
   * The bytes, or those from `start` to `end` (both inclusive, as HTTP counts). The stream fails with
   * `blob-unknown` where there is none.
   */
  read(digest: Digest, range?: { readonly start: number; readonly end: number }): Readable;
  /**
   * The bytes from `start` to `end` (both inclusive), chunk by chunk, for serving: less than half the cost of
   * `read`, because every chunk is the same memory. `write` must be done with a chunk when it resolves.
   * @throws PratiqueError `blob-unknown`; what the disk or `write` says comes through as it is
   */
  copy(
    digest: Digest,
    range: { readonly start: number; readonly end: number },
    write: (chunk: Uint8Array) => Promise<void>,
  ): Promise<void>;
  /** All bytes of a small blob. @throws PratiqueError `blob-unknown`, `limit-exceeded` */
  bytes(digest: Digest, limit?: number): Promise<Uint8Array>;
  /**
   * Takes a blob in one pass: to disk, through the hash, and to `onChunk`, which is awaited. Chunks are kept
   * until they are written, so the source must not use their memory again. Nothing is left behind on failure.
   * @param size bytes that it has to have; null where nobody knows
   * @throws PratiqueError `digest-mismatch`, `blob-truncated`, `limit-exceeded`, `vetting-failed` for the disk's own
   * failures; what the source throws comes through as it is
   */
  write(
    digest: Digest,
    size: number | null,
    source: AsyncIterable<Uint8Array>,
    onChunk?: ChunkListener,
    options?: { readonly limit?: number; readonly ticket?: ArrivalTicket },
  ): Promise<void>;
  /**
   * A blob that somebody, in this thread or another one, is about to `write` with the ticket, to be followed meanwhile.
   * @param landing begins that; settles when the blob is in the store, or never will be
   */
  arriving(digest: Digest, size: number, landing: (ticket: ArrivalTicket) => Promise<unknown>): Arrival;
  /**
   * Takes a file on the same file system for the blob. Whoever calls has checked that its bytes have the digest.
   * @throws PratiqueError `vetting-failed` for the disk's own failures
   */
  adopt(digest: Digest, file: string): Promise<void>;
  remove(digest: Digest): Promise<void>;
  /** Removes what writers left that were killed; gives their number. For the start, before anything is written. */
  clearTemporary(): Promise<number>;
}

/** Bytes per read: measured, larger is not faster. */
const readAhead = 512 * 1024;
/** Bytes; configs and manifests are far below. */
const smallBlob = 16 * 1024 ** 2;
/** Bytes of a blob whose size nobody knows. */
const defaultLimit = 64 * 1024 ** 3;

/** @throws PratiqueError `data-unusable` when the folder cannot be made */
export function openBlobStore(folder: string): BlobStore {
  const temporary = join(folder, 'tmp');
  try {
    mkdirSync(join(folder, 'blobs'), { recursive: true });
    mkdirSync(temporary, { recursive: true });
  } catch (error) {
    throw new PratiqueError(
      'data-unusable',
      `the blob store ${folder} cannot be made: ${errorText(error)}`,
      { folder },
      error,
    );
  }
  const place = (digest: Digest): { readonly folder: string; readonly file: string } => {
    const hex = digestHex(digest);
    const shard = join(folder, 'blobs', digestAlgorithm(digest), hex.slice(0, 2));
    return { folder: shard, file: join(shard, hex) };
  };
  const size = async (digest: Digest): Promise<number> => {
    try {
      return (await stat(place(digest).file)).size;
    } catch (error) {
      throw unreadable(digest, error);
    }
  };

  return {
    size,
    async has(digest) {
      try {
        await stat(place(digest).file);
        return true;
      } catch (error) {
        if (isAbsent(error)) return false;
        throw unreadable(digest, error);
      }
    },
    read(digest, range) {
      const stream = createReadStream(place(digest).file, { highWaterMark: readAhead, ...range });
      const { destroy } = stream;
      // The one hook through which a failed open passes before anybody hears of it.
      stream.destroy = (error?: Error) =>
        destroy.call(stream, error !== undefined && isAbsent(error) ? unreadable(digest, error) : error);
      return stream;
    },
    async copy(digest, range, write) {
      try {
        await copyFrom(place(digest).file, range, write);
      } catch (error) {
        throw isAbsent(error) ? unreadable(digest, error) : error;
      }
    },
    async bytes(digest, limit = smallBlob) {
      const found = await size(digest);
      if (found > limit) {
        throw new PratiqueError(
          'limit-exceeded',
          `the blob ${digest} has ${found} bytes, the limit is ${limit}`,
        );
      }
      try {
        return await readFile(place(digest).file);
      } catch (error) {
        throw unreadable(digest, error);
      }
    },
    write: (digest, expected, source, onChunk, options) =>
      writeBlob({
        digest,
        size: expected,
        limit: options?.limit ?? expected ?? defaultLimit,
        source,
        onChunk: onChunk ?? null,
        ticket: options?.ticket ?? null,
        temporary,
        place: place(digest),
      }),
    arriving(digest, expected, landing) {
      const name = temporaryName();
      return new Arrival({
        digest,
        size: expected,
        name,
        temporary: join(temporary, name),
        stored: place(digest).file,
        landing,
      });
    },
    async adopt(digest, file) {
      const to = place(digest);
      try {
        await mkdir(to.folder, { recursive: true });
        await rename(file, to.file);
      } catch (error) {
        throw new PratiqueError(
          'vetting-failed',
          `the blob ${digest} could not be moved into the blob store: ${errorText(error)}`,
          { digest },
          error,
        );
      }
    },
    async remove(digest) {
      await rm(place(digest).file, { force: true });
    },
    clearTemporary: () => clearAbandoned(temporary),
  };
}

function isAbsent(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function unreadable(digest: Digest, error: unknown): PratiqueError {
  return isAbsent(error)
    ? new PratiqueError('blob-unknown', `the blob store has no blob ${digest}`, { digest }, error)
    : new PratiqueError(
        'vetting-failed',
        `the blob ${digest} cannot be read from the blob store: ${errorText(error)}`,
        { digest },
        error,
      );
}
