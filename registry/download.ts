import { isPratiqueError, PratiqueError } from '../core/errors.ts';
import type { Descriptor } from '../core/image.ts';
import type { ArrivalTicket } from './arrival.ts';
import type { BlobStore } from './blob-store.ts';
import type { ChunkListener } from './blob-writer.ts';
import type { UpstreamClient } from './upstream/client.ts';

export interface Download {
  readonly client: UpstreamClient;
  readonly store: BlobStore;
  /** The repository's path at the upstream. */
  readonly path: string;
  readonly descriptor: Pick<Descriptor, 'digest' | 'size'>;
  readonly onChunk?: ChunkListener;
  /** For those who follow it meanwhile. */
  readonly ticket?: ArrivalTicket;
  readonly signal?: AbortSignal;
  readonly limits?: { readonly bytes: number };
}

/**
 * Brings one blob from its upstream into the store in one pass, and shows `onChunk` the same bytes on the way.
 * @throws PratiqueError `limit-exceeded` before anything is asked for; those of `openBlob` and `BlobStore.write`
 */
export async function downloadBlob(download: Download): Promise<void> {
  const { client, store, path, descriptor, onChunk, signal, limits, ticket } = download;
  const { digest, size } = descriptor;
  if (limits !== undefined && size > limits.bytes) {
    throw new PratiqueError(
      'limit-exceeded',
      `the blob ${digest} has ${size} bytes, the limit is ${limits.bytes}`,
      {
        digest,
        size,
        limit: limits.bytes,
      },
    );
  }
  const blob = await client.openBlob(path, digest, signal);
  if (blob.size !== null && blob.size !== size) {
    blob.cancel();
    const other = new PratiqueError(
      'digest-mismatch',
      `the upstream announced ${blob.size} bytes for the blob ${digest}, its manifest says ${size}`,
      { digest, announced: blob.size, size },
    );
    blob.rejected?.(other);
    throw other;
  }
  try {
    await store.write(digest, size, blob.body, onChunk, ticket === undefined ? {} : { ticket });
  } catch (error) {
    // Where the store failed before it read anything, the connection would wait for a reader.
    blob.cancel();
    if (isPratiqueError(error) && error.code === 'digest-mismatch') blob.rejected?.(error);
    throw error;
  }
}
