import { readSync } from 'node:fs';
import { errorText, isPratiqueError } from '../../core/errors.ts';
import { gunzipped, rawPieces } from './gunzip.ts';
import { type OpenFile, unreadable } from './unreadable.ts';

/**
 * The bytes of a file from its beginning, unpacked if it is a gzip file: its first two bytes tell (RFC 1952, section
 * 2.3.1), whatever its name is. How much that may be is the caller's to bound; no more is unpacked than he takes.
 * @throws PratiqueError `advisories-unreadable`
 */
export async function* unpackedPieces(file: OpenFile): AsyncGenerator<Buffer> {
  try {
    const start = Buffer.alloc(2);
    const isPacked = readSync(file.fd, start, 0, 2, 0) === 2 && start[0] === 0x1f && start[1] === 0x8b;
    if (isPacked) yield* gunzipped(file.fd);
    else yield* rawPieces(file.fd);
  } catch (error) {
    if (isPratiqueError(error)) throw error;
    throw unreadable(file, errorText(error), error);
  }
}
