import { createRequire } from 'node:module';
import type { DCtx as DecompressionContext } from 'zstd-napi/binding.js';

// The package's own stream class unpacks a whole chunk before anybody can hold it back, and a few kilobytes of
// zstd unpack to gigabytes. Its binding takes one output buffer at a time.
const { DCtx, dStreamOutSize } = createRequire(import.meta.url)(
  'zstd-napi/binding.js',
) as typeof import('zstd-napi/binding.js');

/**
 * Unpacks zstd frames one after the other, skippable ones (RFC 8878, 3.1.2) included. Windows above 128 MiB are
 * refused by libzstd.
 * @throws Error when a frame is broken or cut, or followed by something that is no frame
 */
export async function* unzstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const context: DecompressionContext = new DCtx();
  let inFrame = false;
  let output = Buffer.alloc(0);
  for await (const chunk of source) {
    let rest = chunk;
    for (let more = rest.length > 0; more; ) {
      if (output.length === 0) output = Buffer.allocUnsafe(dStreamOutSize());
      const [hint, produced, consumed] = context.decompressStream(output, rest);
      rest = rest.subarray(consumed);
      inFrame = hint !== 0;
      // A full output buffer may mean that there is more to flush, unless the frame is at its end.
      more = rest.length > 0 || (produced === output.length && inFrame);
      const unpacked = output.subarray(0, produced);
      // The rest of the buffer is used next, so that many small frames do not hold a buffer each.
      output = output.subarray(produced);
      if (produced > 0) yield unpacked;
    }
  }
  if (inFrame) throw new Error('it ends inside a frame');
}
