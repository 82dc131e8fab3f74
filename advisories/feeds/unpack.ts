import { readSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { DCtx as DecompressionContext } from 'zstd-napi/binding.js';
import { isPratiqueError } from '../../core/errors.ts';
import { bunzip2 } from './bzip2/index.ts';
import type { LocalFile } from './feed.ts';
import { tooMuch, unreadable } from './feed-errors.ts';
import { gunzipped } from './gunzip.ts';
import { closeFile, openFile } from './unreadable.ts';

// The package's own stream class unpacks a whole chunk before anybody can hold it back, and a few kilobytes of
// zstd unpack to gigabytes. Its binding takes one output buffer at a time.
const { DCtx, dStreamOutSize } = createRequire(import.meta.url)(
  'zstd-napi/binding.js',
) as typeof import('zstd-napi/binding.js');

export type Packing = 'gzip' | 'bzip2' | 'zstd';

const unpackers: Record<Packing, (fd: number) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>> = {
  gzip: gunzipped,
  bzip2: (fd) => bunzip2((target) => readSync(fd, target, 0, target.length, null)),
  zstd: unzstd,
};

/**
 * The bytes that a file was packed from, in pieces; memory does not grow with them.
 * @param what what the file should be, for messages: `a bzip2 file of OVAL definitions`
 * @param limit bytes, unpacked
 * @throws PratiqueError `advisories-unreadable`, `limit-exceeded`
 */
export async function* unpacked(
  local: LocalFile,
  packing: Packing,
  what: string,
  limit: number,
): AsyncGenerator<Uint8Array> {
  const file = openFile(local.file, local.path);
  let total = 0;
  try {
    for await (const piece of unpackers[packing](file.fd)) {
      total += piece.length;
      if (total > limit) throw tooMuch(local.path, 'more', `${limit} bytes`);
      yield piece;
    }
  } catch (error) {
    throw isPratiqueError(error) ? error : unreadable(local, what, error);
  } finally {
    closeFile(file);
  }
  if (total === 0) throw unreadable(local, what, new Error('there is nothing in it'));
}

/** Frames one after the other (RFC 8878). Windows above 128 MiB are refused by libzstd. */
function* unzstd(fd: number): Generator<Uint8Array> {
  const context: DecompressionContext = new DCtx();
  const input = Buffer.allocUnsafe(dStreamOutSize());
  let inFrame = false;
  for (;;) {
    let rest = input.subarray(0, readSync(fd, input, 0, input.length, null));
    if (rest.length === 0) break;
    for (let more = true; more; ) {
      const output = Buffer.allocUnsafe(dStreamOutSize());
      const [hint, produced, consumed] = context.decompressStream(output, rest);
      rest = rest.subarray(consumed);
      inFrame = hint !== 0;
      // A full output buffer may mean that there is more to flush, unless the frame is at its end.
      more = rest.length > 0 || (produced === output.length && inFrame);
      if (produced > 0) yield output.subarray(0, produced);
    }
  }
  if (inFrame) throw new Error('it ends inside a frame');
}
