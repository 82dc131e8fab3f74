import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';

/** A feed as it lies on disk, ready to be read. */
export interface FeedFile {
  /** `osv:Debian`, `kev`: how the index will call it. */
  readonly name: string;
  readonly kind: 'osv' | 'kev';
  readonly file: string;
  /** Where it came from, for people: a path or a URL without credentials. */
  readonly source: string;
  /** When its data was last changed; null where nobody says. */
  readonly lastModified: Date | null;
}

/** Where advisories come from. */
export interface AdvisorySource {
  /** For messages: what was looked at. */
  readonly where: string;
  /**
   * The feeds that are there, one after the other; a file is good until the next one is asked for.
   * @throws PratiqueError where a feed that is there cannot be had
   */
  feeds(): AsyncIterable<FeedFile>;
}

const pieceSize = 1024 * 1024;

/** sha256 of an open file's bytes, hex. */
export function fingerprintOf(fd: number): string {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(pieceSize);
  let position = 0;
  for (;;) {
    const got = readSync(fd, piece, 0, piece.length, position);
    if (got === 0) return hash.digest('hex');
    hash.update(piece.subarray(0, got));
    position += got;
  }
}
