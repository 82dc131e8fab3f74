import { createHash } from 'node:crypto';
import { type Digest, parseDigest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import { decompress } from './archive/decompress.ts';
import { type TarEntry, TarWalker } from './archive/tar-walker.ts';
import { EventCollector } from './collector.ts';
import type { LayerEvent } from './events.ts';
import type { LayerLimits } from './limits.ts';
import type { LayerChecks } from './looks.ts';

/** What one layer brings, hides and links. Plain data: it crosses threads and is stored as JSON. */
export interface LayerAnalysis {
  /** sha256 of the unpacked bytes; null for a plain folder. */
  readonly diffId: Digest | null;
  /** Whether the unpacked bytes are a tar archive at all. */
  readonly tar: boolean;
  readonly compressedBytes: number;
  readonly uncompressedBytes: number;
  /** In the order of the archive, which is the order of extraction. */
  readonly events: readonly LayerEvent[];
  /** Left out: there is nothing to tell. */
  readonly checks?: LayerChecks;
}

/** From this size on, bytes. */
const bombBytes = 1024 ** 3;
/** Real layers reach about a hundred. */
const bombRatio = 500;

/**
 * Reads a layer blob once: unpack, hash, walk, catalogue. Memory is bounded by the limits, not by the layer.
 * @throws PratiqueError `layer-unreadable`, `limit-exceeded`; errors of the source pass through
 */
export async function analyseLayer(
  bytes: AsyncIterable<Uint8Array>,
  options: { readonly limits: LayerLimits },
): Promise<LayerAnalysis> {
  const { limits } = options;
  const hash = createHash('sha256');
  const collector = new EventCollector(limits);
  const walker = new TarWalker(
    {
      entry: (entry: TarEntry) => collector.entry(entry),
      content: (_, content) => collector.content(content),
      part: (bytes) => collector.part(bytes),
      partsEnd: () => collector.partsEnd(),
    },
    limits.entries,
  );
  let compressedBytes = 0;
  let uncompressedBytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      compressedBytes += chunk.length;
      yield chunk;
    }
  }
  for await (const chunk of decompress(counted())) {
    uncompressedBytes += chunk.length;
    if (uncompressedBytes > limits.uncompressedBytes) {
      throw new PratiqueError(
        'limit-exceeded',
        `it unpacks to more than ${limits.uncompressedBytes} bytes (limits.layerUnpackedBytes)`,
        { limit: limits.uncompressedBytes },
      );
    }
    if (uncompressedBytes > bombBytes && uncompressedBytes > compressedBytes * bombRatio) {
      throw new PratiqueError(
        'limit-exceeded',
        `it unpacks to more than ${bombRatio} times its size: nothing that is meant to run does`,
        { ratio: bombRatio, bytes: uncompressedBytes },
      );
    }
    hash.update(chunk);
    walker.write(chunk);
  }
  const tar = walker.end();
  return {
    diffId: parseDigest(`sha256:${hash.digest('hex')}`),
    tar,
    compressedBytes,
    uncompressedBytes,
    ...collector.told(),
  };
}
