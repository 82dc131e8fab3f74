import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import { diskFailure } from '../disk-failure.ts';
import type { ChunkClaim } from './port.ts';

/** Bytes gathered before they go to disk. */
const batchSize = 1024 ** 2;

/** One blob on its way in: a file that grows, and the sha256 of what it holds. */
export class UploadSession {
  readonly file: string;
  readonly #makeRoom: () => Promise<void>;
  #offset: number;
  /** Null after a restart: the file is read once more at the end. */
  #sha256: Hash | null;
  #current: { readonly stop: () => void; readonly over: Promise<void> } | null = null;
  #ended = false;

  /** @param makeRoom called where the disk is full; what could not be written is tried once more after it */
  constructor(file: string, offset: number, makeRoom: () => Promise<void> = () => Promise.resolve()) {
    this.#makeRoom = makeRoom;
    this.file = file;
    this.#offset = offset;
    this.#sha256 = offset === 0 ? createHash('sha256') : null;
  }

  get offset(): number {
    return this.#offset;
  }

  get busy(): boolean {
    return this.#current !== null;
  }

  /** See `Uploads.append`. */
  async append(source: AsyncIterable<Uint8Array>, claim: ChunkClaim, limit: number): Promise<void> {
    // Nothing is awaited between the last look and the turn that is taken: two at once would write over each other.
    while (this.#current !== null) await stopped(this.#current);
    if (this.#ended) throw uploadUnknown();
    if (claim.start !== null && claim.start !== this.#offset) throw outOfOrder(this.#offset, claim.start);
    let stop = (): void => undefined;
    const stopping = new Promise<'stopped'>((resolve) => {
      stop = () => resolve('stopped');
    });
    const work = this.#receive(source, claim.length, limit, stopping);
    const current = {
      stop,
      over: work.then(
        () => undefined,
        () => undefined,
      ),
    };
    this.#current = current;
    try {
      await work;
    } finally {
      if (this.#current === current) this.#current = null;
    }
  }

  /** Ends a request that still waits for bytes: the client has come again, so it has given that one up. */
  async interrupt(): Promise<void> {
    while (this.#current !== null) await stopped(this.#current);
  }

  /** As `interrupt`, and nobody writes any more: what waits for its turn fails with `upload-unknown`. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.interrupt();
  }

  /** Every byte is on disk when it resolves. */
  async sync(): Promise<void> {
    const file = await disk(() => open(this.file, 'r+'));
    try {
      await disk(() => file.datasync());
    } finally {
      await disk(() => file.close());
    }
  }

  /** The digest of all bytes, hex. The session is over after it. */
  async digest(algorithm: 'sha256' | 'sha512'): Promise<string> {
    if (algorithm === 'sha256' && this.#sha256 !== null) return this.#sha256.digest('hex');
    const hash = createHash(algorithm);
    for await (const chunk of createReadStream(this.file, { highWaterMark: 256 * 1024 })) {
      hash.update(chunk as Buffer);
    }
    return hash.digest('hex');
  }

  /** What came is kept where the client has merely gone; a chunk that was not what it said is taken back. */
  async #settle(file: FileHandle, writer: BatchWriter, before: Before, error: unknown): Promise<void> {
    const sha256 = this.#sha256;
    // Until the file is known to be in order: what it holds decides, and it is read at the end.
    this.#sha256 = null;
    if (isPratiqueError(error) && error.code !== 'upload-invalid') {
      await disk(() => file.truncate(before.offset));
      this.#sha256 = before.sha256;
    } else {
      await writer.flush();
      this.#offset = writer.offset;
      this.#sha256 = sha256;
    }
  }

  async #receive(
    source: AsyncIterable<Uint8Array>,
    length: number | null,
    limit: number,
    stopping: Promise<'stopped'>,
  ): Promise<void> {
    const file = await disk(() => open(this.file, 'r+'));
    const before: Before = { offset: this.#offset, sha256: this.#sha256?.copy() ?? null };
    const writer = new BatchWriter(file, this.#offset, this.#makeRoom);
    const chunks = source[Symbol.asyncIterator]();
    let received = 0;
    try {
      for (;;) {
        const next = await Promise.race([chunks.next(), stopping]);
        if (next === 'stopped') {
          // Ends the connection that nobody uses any more; whether it minds is of no interest.
          chunks.return?.().catch(() => undefined);
          throw new PratiqueError('upload-invalid', 'a later request has taken this upload over');
        }
        if (next.done === true) break;
        received += next.value.length;
        if (length !== null && received > length) throw tooMany(length);
        if (before.offset + received > limit) throw tooLarge(limit);
        this.#sha256?.update(next.value);
        await writer.add(next.value);
      }
      await writer.flush();
      this.#offset = before.offset + received;
    } catch (error) {
      await this.#settle(file, writer, before, error);
      throw error;
    } finally {
      await disk(() => file.close());
    }
    if (length !== null && received < length) {
      throw new PratiqueError(
        'upload-invalid',
        `the request brought ${received} of the ${length} bytes that it announced`,
        { received, length },
      );
    }
  }
}

async function stopped(request: { readonly stop: () => void; readonly over: Promise<void> }): Promise<void> {
  request.stop();
  await request.over;
}

interface Before {
  readonly offset: number;
  readonly sha256: Hash | null;
}

/** Gathers chunks and writes them in turn. */
class BatchWriter {
  readonly #file: FileHandle;
  readonly #makeRoom: () => Promise<void>;
  #written: number;
  #batch: Uint8Array[] = [];
  #batched = 0;

  constructor(file: FileHandle, offset: number, makeRoom: () => Promise<void>) {
    this.#makeRoom = makeRoom;
    this.#file = file;
    this.#written = offset;
  }

  get offset(): number {
    return this.#written;
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#batch.push(chunk);
    this.#batched += chunk.length;
    if (this.#batched >= batchSize) await this.flush();
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#batch);
    this.#batch = [];
    this.#batched = 0;
    let done = 0;
    while (done < bytes.length) {
      const written = await this.#write(bytes, done);
      done += written;
      this.#written += written;
    }
  }

  async #write(bytes: Buffer, from: number): Promise<number> {
    const write = async (): Promise<number> =>
      (await disk(() => this.#file.write(bytes, from, bytes.length - from, this.#written))).bytesWritten;
    try {
      return await write();
    } catch (error) {
      if (!isPratiqueError(error) || error.code !== 'storage-full') throw error;
      await this.#makeRoom();
      return write();
    }
  }
}

/** The disk's failures pass with time (a full disk). */
async function disk<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw diskFailure('the upload could not be written', {}, error);
  }
}

/** The same for what never was, is another's, and is over. */
export function uploadUnknown(): PratiqueError {
  return new PratiqueError(
    'upload-unknown',
    'there is no such upload here: it is finished, was given up, or lay untouched for too long. Begin again',
  );
}

function outOfOrder(offset: number, start: number): PratiqueError {
  return new PratiqueError(
    'upload-out-of-order',
    `the upload has ${offset} bytes, so it goes on with byte ${offset}, not with ${start}`,
    { offset, start },
  );
}

function tooMany(length: number): PratiqueError {
  return new PratiqueError(
    'limit-exceeded',
    `the request brought more than the ${length} bytes that it announced`,
    { length },
  );
}

function tooLarge(limit: number): PratiqueError {
  return new PratiqueError('limit-exceeded', `a blob may have ${limit} bytes (limits.uploadBytes)`, {
    limit,
  });
}
