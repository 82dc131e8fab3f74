import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Digest, digestHex, parseDigest } from '../../../core/digest.ts';
import { type TarEntry, writeTar } from '../../../test/support/tar.ts';

export interface LayerFile {
  readonly digest: Digest;
  readonly diffId: Digest;
  /** Packed. */
  readonly size: number;
  readonly file: string;
}

/** Packs entries as builders of images do (gzip, level 6), without holding them, into `blobs` under the digest's name. */
export async function writeLayer(blobs: string, entries: Iterable<TarEntry>): Promise<LayerFile> {
  const temporary = join(blobs, `.${randomBytes(6).toString('hex')}`);
  const unpacked = createHash('sha256');
  const packed = createHash('sha256');
  const gzip = createGzip({ level: 6 });
  const file = createWriteStream(temporary);
  gzip.on('data', (chunk: Buffer) => packed.update(chunk));
  gzip.pipe(file);
  for (const bytes of archived(entries)) {
    unpacked.update(bytes);
    if (!gzip.write(bytes)) await once(gzip, 'drain');
  }
  gzip.end();
  await finished(file);
  const digest = digestOf(packed.digest('hex'));
  const place = join(blobs, digestHex(digest));
  renameSync(temporary, place);
  return { digest, diffId: digestOf(unpacked.digest('hex')), size: statSync(place).size, file: place };
}

function* archived(entries: Iterable<TarEntry>): Generator<Buffer> {
  for (const entry of entries) yield writeTar([entry], { end: false });
  yield writeTar([]);
}

export function digestOf(hex: string): Digest {
  const digest = parseDigest(`sha256:${hex}`);
  if (digest === null) throw new Error('a computed digest did not parse');
  return digest;
}
