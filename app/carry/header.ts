import { z } from 'zod';
import { PratiqueError } from '../../core/errors.ts';
import { schemaVersion } from '../../db/advisories-check.ts';
import { oneLine } from '../../policy/text.ts';

/**
 * An export is a zstd stream whose first frame is a skippable one (RFC 8878, 3.1.2) with this header as JSON: `zstd -d`
 * makes the SQLite file of it.
 */
export interface ExportHeader {
  readonly schemaVersion: number;
  /** Without the matcher's part. */
  readonly revision: string;
  /** ISO 8601: when this revision was made, so that equal advisories are equal files. */
  readonly created: string;
  readonly content: { readonly bytes: number; readonly sha256: string };
}

/** An export of which the header has been read. */
export interface StartedExport {
  readonly header: ExportHeader;
  readonly rest: AsyncIterable<Uint8Array>;
  /** Lets the source go. */
  readonly end: () => Promise<void>;
}

const format = 'pratique-advisories';
const formatVersion = 1;
/** One of the sixteen numbers of skippable frames, little-endian. */
const magic = 0x184d2a5a;
const prefixLength = 8;
const longestHeader = 64 * 1024;
/** Bytes of an unpacked file. All of osv.dev makes less than 2 GiB in 2026. */
export const largestContent = 8 * 1024 ** 3;
/** Milliseconds: as much two clocks may differ. */
const clockDifference = 3_600_000;

const headSchema = z.object({ format: z.literal(format), formatVersion: z.int().positive() });
const headerSchema = z.strictObject({
  format: z.literal(format),
  formatVersion: z.literal(formatVersion),
  schemaVersion: z.int().nonnegative(),
  revision: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
  created: z.iso.datetime(),
  content: z.strictObject({
    bytes: z.int().positive(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});

export function writeHeader(header: ExportHeader): Buffer {
  const text = Buffer.from(JSON.stringify({ format, formatVersion, ...header }));
  const prefix = Buffer.alloc(prefixLength);
  prefix.writeUInt32LE(magic, 0);
  prefix.writeUInt32LE(text.length, 4);
  return Buffer.concat([prefix, text]);
}

/**
 * Reads the header of an export and decides whether it may be looked at further.
 * @param where the file or the artifact, for messages
 * @param now milliseconds since 1970
 * @throws PratiqueError `advisories-unreadable`, `limit-exceeded`; what the source throws
 */
export async function readHeader(
  where: string,
  source: AsyncIterable<Uint8Array>,
  now: number,
): Promise<StartedExport> {
  const reader = new StartReader(source[Symbol.asyncIterator]());
  try {
    const prefix = await reader.take(prefixLength);
    if (prefix.length < prefixLength || prefix.readUInt32LE(0) !== magic) throw notOurs(where, prefix);
    const length = prefix.readUInt32LE(4);
    if (length > longestHeader) {
      throw unreadable(where, `has a header of ${length} bytes, where ${longestHeader} are allowed`);
    }
    const text = await reader.take(length);
    if (text.length < length) throw unreadable(where, 'ends inside its header');
    const header = parseHeader(where, text.toString('utf8'));
    refuse(where, header, now);
    return { header, rest: reader.rest(), end: () => reader.end() };
  } catch (error) {
    await reader.end();
    throw error;
  }
}

function parseHeader(where: string, text: string): ExportHeader {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable(where, 'has a header that is no JSON');
  }
  const head = headSchema.safeParse(value);
  if (!head.success) throw unreadable(where, 'has a header of something else');
  if (head.data.formatVersion !== formatVersion) {
    throw unreadable(
      where,
      `has format ${head.data.formatVersion}, this Pratique reads ${formatVersion}: export it with the version that is to import it`,
    );
  }
  const parsed = headerSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join('.') ?? '';
  throw unreadable(where, `has a header that is not as it has to be${at === '' ? '' : ` (${at})`}`);
}

function refuse(where: string, header: ExportHeader, now: number): void {
  if (header.schemaVersion !== schemaVersion) {
    throw unreadable(
      where,
      `has schema ${header.schemaVersion}, this Pratique reads ${schemaVersion}: export it with the version that is to import it, or bring both sites to one version`,
    );
  }
  if (header.content.bytes > largestContent) {
    throw new PratiqueError(
      'limit-exceeded',
      `${where} says that it unpacks to ${header.content.bytes} bytes, where ${largestContent} are allowed`,
      { where, bytes: header.content.bytes, limit: largestContent },
    );
  }
  refuseFuture(where, 'it was made', header.created, now);
}

/** What comes from the future would never grow old. It is refused and not cut to now, because its hash says what is in it. */
export function refuseFuture(where: string, what: string, time: string, now: number): void {
  if (Date.parse(time) <= now + clockDifference) return;
  throw unreadable(
    where,
    `is from the future: ${what} at ${time}, and here it is ${new Date(now).toISOString()}. Set the clock of this machine, or of the one that made it`,
  );
}

export function unreadable(where: string, why: string, cause?: unknown): PratiqueError {
  return new PratiqueError('advisories-unreadable', `${where} ${why}`, { where }, cause);
}

function notOurs(where: string, start: Buffer): PratiqueError {
  if (start.length === 0) return unreadable(where, 'is empty');
  const text = start.toString('latin1');
  if (text.startsWith('SQLite')) {
    return unreadable(
      where,
      'is a database as it lies in a data folder: `pratique advisories export FILE` makes what can be imported',
    );
  }
  return unreadable(where, `is no export of advisories: it begins with "${oneLine(text, 20)}"`);
}

/** Takes some bytes from the beginning of a stream and hands on the rest. */
class StartReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #buffer: Buffer = Buffer.alloc(0);
  #done = false;

  constructor(iterator: AsyncIterator<Uint8Array>) {
    this.#iterator = iterator;
  }

  /** Fewer where the stream ends before. */
  async take(length: number): Promise<Buffer> {
    while (this.#buffer.length < length && !this.#done) {
      const next = await this.#iterator.next();
      if (next.done === true) this.#done = true;
      else this.#buffer = Buffer.concat([this.#buffer, next.value]);
    }
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(taken.length);
    return taken;
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    if (this.#buffer.length > 0) yield this.#buffer;
    while (!this.#done) {
      const next = await this.#iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  }

  async end(): Promise<void> {
    this.#done = true;
    await this.#iterator.return?.();
  }
}
