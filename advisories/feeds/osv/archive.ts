import { inflateRawSync } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, type ZipFile } from 'yauzl';
import { errorText, PratiqueError } from '../../../core/errors.ts';
import { describeStart } from '../file-start.ts';
import { crc32 } from './crc32.ts';
import { hasControls } from './fields.ts';
import { WindowedReader } from './windowed-reader.ts';

/** One entry: its JSON value, or why there is none. */
export type ArchiveRecord =
  | { readonly name: string; readonly value: unknown }
  | { readonly name: string; readonly rejected: string };

export interface ArchiveLimits {
  /** Bytes of one entry, unpacked. */
  readonly entryBytes: number;
  /** Bytes of all entries, unpacked. */
  readonly totalBytes: number;
  readonly entries: number;
}

/** The largest export of osv.dev (Ubuntu) unpacks to some GiB. */
export const archiveLimits: ArchiveLimits = {
  entryBytes: 32 * 1024 * 1024,
  totalBytes: 16 * 1024 * 1024 * 1024,
  entries: 2_000_000,
};

/**
 * The records of an OSV bulk export (`all.zip`). Nothing is written to disk. One entry that cannot be read is
 * a rejected record; an archive that cannot be read is an error.
 * @param fd of the open archive; stays open
 * @param file what messages call it
 * @throws PratiqueError `advisories-unreadable`, `limit-exceeded`
 */
export async function* readArchive(
  fd: number,
  file: string,
  limits: ArchiveLimits = archiveLimits,
): AsyncGenerator<ArchiveRecord> {
  const reader = new WindowedReader(fd);
  const zip = await openZip(reader, fd, file);
  if (zip.entryCount > limits.entries) {
    throw tooMuch(file, `${zip.entryCount} entries`, `${limits.entries} entries`);
  }
  let total = 0;
  const entries = zip.eachEntry();
  for (;;) {
    let entry: Entry;
    try {
      const next = await entries.next();
      if (next.done === true) return;
      entry = next.value;
    } catch (error) {
      throw unreadable(file, `its table of contents is damaged: ${errorText(error)}`, error);
    }
    const name = nameOf(entry);
    if (name.endsWith('/')) continue;
    const bytes = refusal(name, entry, limits) ?? (await unpack(zip, reader, entry, limits));
    if (typeof bytes === 'string') {
      yield { name: printable(name), rejected: bytes };
      continue;
    }
    total += bytes.length;
    if (total > limits.totalBytes) throw tooMuch(file, 'more', `${limits.totalBytes} bytes`);
    yield parsed(printable(name), bytes);
  }
}

async function openZip(reader: WindowedReader, fd: number, file: string): Promise<ZipFile> {
  try {
    return await fromRandomAccessReaderPromise(reader, reader.size, {
      decodeStrings: false,
      lazyEntries: true,
      autoClose: false,
    });
  } catch (error) {
    const found = `it begins like ${describeStart(fd)} (${errorText(error)})`;
    throw unreadable(file, found, error);
  }
}

function unreadable(file: string, why: string, cause: unknown): PratiqueError {
  return new PratiqueError(
    'advisories-unreadable',
    `${file} cannot be read as a ZIP archive of advisories: ${why}. Fetch it again`,
    { file },
    cause,
  );
}

function tooMuch(file: string, found: string, allowed: string): PratiqueError {
  return new PratiqueError(
    'limit-exceeded',
    `${file} holds ${found} where ${allowed} are allowed: it is no export of advisories`,
    { file },
  );
}

/** yauzl was told not to decode names, so that one odd name does not end the walk. */
function nameOf(entry: Entry): string {
  return entry.fileNameRaw.toString('utf8');
}

const longestName = 300;

/** A name as it may be shown to a person. */
function printable(name: string): string {
  const short = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  return short.replaceAll(/\p{Cc}/gu, '?');
}

/** Why an entry is not even unpacked, or null. */
function refusal(name: string, entry: Entry, limits: ArchiveLimits): string | null {
  if (name.length > longestName || hasControls(name) || name.split(/[/\\]/).includes('..')) {
    return 'its name is not that of a record';
  }
  if (!name.endsWith('.json')) return 'its name does not end in .json';
  if (entry.uncompressedSize > limits.entryBytes || entry.compressedSize > limits.entryBytes) {
    return `it has more than ${limits.entryBytes} bytes`;
  }
  if (entry.isEncrypted()) return 'it is encrypted';
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    return `it is compressed by method ${entry.compressionMethod}, which is not deflate`;
  }
  return null;
}

/** The entry's bytes, or why they are not what the archive says they are. */
async function unpack(
  zip: ZipFile,
  reader: WindowedReader,
  entry: Entry,
  limits: ArchiveLimits,
): Promise<Buffer | string> {
  try {
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const packed = Buffer.allocUnsafe(entry.compressedSize);
    reader.copy(packed, fileDataStart);
    const bytes =
      entry.compressionMethod === 0
        ? packed
        : inflateRawSync(packed, {
            maxOutputLength: Math.min(entry.uncompressedSize + 1, limits.entryBytes),
          });
    if (bytes.length !== entry.uncompressedSize) return 'it is longer or shorter than the archive says';
    return crc32(bytes) === entry.crc32 ? bytes : 'its checksum is wrong';
  } catch (error) {
    return `it cannot be unpacked: ${errorText(error)}`;
  }
}

function parsed(name: string, bytes: Buffer): ArchiveRecord {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return { name, value };
  } catch (error) {
    return { name, rejected: `it is no JSON (${errorText(error).slice(0, 100)})` };
  }
}
