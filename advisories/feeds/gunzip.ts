import { fstatSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const pieceSize = 256 * 1024;

/** The bytes of an open file from a position on. */
export function* rawPieces(fd: number, from = 0): Generator<Buffer> {
  for (let position = from; ; ) {
    const piece = Buffer.allocUnsafe(pieceSize);
    const got = readSync(fd, piece, 0, piece.length, position);
    if (got === 0) return;
    yield piece.subarray(0, got);
    position += got;
  }
}

/**
 * What an open file was packed from by gzip, all members one after the other. No more is unpacked than is taken.
 * @throws Error where it is cut or damaged, or goes on behind its end with something else than padding
 */
export async function* gunzipped(fd: number): AsyncGenerator<Buffer> {
  const raw = Readable.from(rawPieces(fd));
  const unpacked = createGunzip({ chunkSize: pieceSize });
  raw.on('error', (error) => unpacked.destroy(error));
  try {
    for await (const piece of raw.pipe(unpacked) as AsyncIterable<Buffer>) yield piece;
    // Node ends in silence at a zero byte behind a member, whatever comes after it.
    if (unpacked.bytesWritten < fstatSync(fd).size) refuseGarbage(fd, unpacked.bytesWritten);
  } finally {
    raw.destroy();
    unpacked.destroy();
  }
}

function refuseGarbage(fd: number, from: number): void {
  for (const piece of rawPieces(fd, from)) {
    if (piece.some((byte) => byte !== 0)) throw new Error('it goes on behind the end of what was packed');
  }
}
