import { readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { errorText, isPratiqueError } from '../../core/errors.ts';
import { type OpenFile, unreadable } from './unreadable.ts';

const pieceSize = 256 * 1024;

/** The bytes of a file from its beginning. */
function* rawPieces(file: OpenFile): Generator<Buffer> {
  for (let position = 0; ; ) {
    const piece = Buffer.allocUnsafe(pieceSize);
    const got = readSync(file.fd, piece, 0, piece.length, position);
    if (got === 0) return;
    yield piece.subarray(0, got);
    position += got;
  }
}

/**
 * The bytes of a file from its beginning, unpacked if it is a gzip file: its first two bytes tell (RFC 1952, section
 * 2.3.1), whatever its name is. How much that may be is the caller's to bound; no more is unpacked than he takes.
 * @throws PratiqueError `advisories-unreadable`
 */
export async function* unpackedPieces(file: OpenFile): AsyncGenerator<Buffer> {
  try {
    const start = Buffer.alloc(2);
    const isPacked = readSync(file.fd, start, 0, 2, 0) === 2 && start[0] === 0x1f && start[1] === 0x8b;
    if (isPacked) yield* gunzipped(file);
    else yield* rawPieces(file);
  } catch (error) {
    if (isPratiqueError(error)) throw error;
    throw unreadable(file, errorText(error), error);
  }
}

async function* gunzipped(file: OpenFile): AsyncGenerator<Buffer> {
  const raw = Readable.from(rawPieces(file));
  const unpacked = createGunzip();
  raw.on('error', (error) => unpacked.destroy(error));
  try {
    for await (const piece of raw.pipe(unpacked) as AsyncIterable<Buffer>) yield piece;
  } finally {
    raw.destroy();
    unpacked.destroy();
  }
}
