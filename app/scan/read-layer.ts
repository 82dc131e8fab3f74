import { createReadStream } from 'node:fs';
import { toPlainError } from '../../core/errors.ts';
import type { Descriptor } from '../../core/image.ts';
import { analyseLayer } from '../../scanner/layer.ts';
import type { LayerLimits } from '../../scanner/limits.ts';
import { isFactAboutLayer } from '../../vetting/layer-task.ts';
import type { LayerOutcome } from '../../vetting/ports.ts';
import type { BlobPlace, ImageSource } from './source.ts';
import { verified } from './verified.ts';

/** Bytes that are read at once: each read costs a round through the event loop. */
const readSize = 512 * 1024;

export function openFile({
  file,
  start,
  size,
}: BlobPlace & { readonly kind: 'file' }): AsyncIterable<Uint8Array> {
  // Node takes an end that lies before the start for a mistake.
  if (size === 0) return nothing();
  const end = size === null ? {} : { end: start + size - 1 };
  return createReadStream(file, { start, ...end, highWaterMark: readSize });
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // There is nothing to give.
}

/**
 * A layer whose bytes are the right ones and cannot be read is a result; wrong bytes are an error, also where they could not
 * be read.
 * @param bytes not yet verified
 * @param checkedBy as the source says: where descriptors do not tell the digests of blobs, there is nothing to compare here
 * @throws PratiqueError `digest-mismatch`, `blob-truncated`; errors of the source
 */
export async function readLayer(
  layer: Descriptor,
  bytes: AsyncIterable<Uint8Array>,
  limits: LayerLimits,
  checkedBy: ImageSource['checkedBy'] = 'blobs',
): Promise<LayerOutcome> {
  const sure = checkedBy === 'blobs' ? verified(layer, bytes) : handedOn(bytes);
  try {
    // Without `return`: whoever analyses and gives up must not end what has still to be verified.
    const outcome = await outcomeOf({ [Symbol.asyncIterator]: () => ({ next: () => sure.next() }) }, limits);
    for (let rest = await sure.next(); rest.done !== true; ) rest = await sure.next();
    return outcome;
  } finally {
    await sure.return(undefined);
  }
}

async function* handedOn(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes;
}

async function outcomeOf(bytes: AsyncIterable<Uint8Array>, limits: LayerLimits): Promise<LayerOutcome> {
  try {
    return { kind: 'analysed', analysis: await analyseLayer(bytes, { limits }) };
  } catch (error) {
    if (!isFactAboutLayer(error)) throw error;
    return { kind: 'unreadable', error: toPlainError(error, 'layer-unreadable') };
  }
}
