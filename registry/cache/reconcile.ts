import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '../../core/digest.ts';
import type { CacheRecords, StoredBlob } from '../../core/ports/cache.ts';
import type { BlobLeases } from '../blob-leases.ts';
import type { BlobStore } from '../blob-store.ts';
import { lookAtFile, walkStore } from './walk.ts';

/** Milliseconds between parts of the store: nobody waits for this. */
const pause = 5;

/**
 * Makes the records fit what lies in the store: files that an earlier version, or a process that ended in the middle, has
 * left come in with the time at which they were written; records without a file go. Files are the truth.
 * @returns how many blobs came in, and how many went
 */
export async function reconcileStore(parts: {
  readonly folder: string;
  readonly records: Pick<CacheRecords, 'putBlobUses' | 'storedBlobs' | 'forgetBlobs'>;
  readonly store: Pick<BlobStore, 'has'>;
  readonly leases: Pick<BlobLeases, 'removing'>;
  /** Ends it between two parts. */
  readonly stopped: () => boolean;
}): Promise<{ readonly found: number; readonly lost: number }> {
  const { folder, records, store, leases, stopped } = parts;
  let found = 0;
  let lost = 0;
  for await (const { algorithm, prefix, blobs } of walkStore(folder)) {
    if (stopped()) break;
    const recorded = new Set(await records.storedBlobs(algorithm, prefix));
    const fresh: StoredBlob[] = [];
    for (const { digest, file } of blobs) {
      if (recorded.delete(digest)) continue;
      const seen = await lookAtFile(file);
      if (seen !== null) fresh.push({ digest, size: seen.size, usedAt: seen.changedAt });
    }
    if (fresh.length > 0) await records.putBlobUses(fresh);
    found += fresh.length;
    if (recorded.size > 0) lost += await forgetLost([...recorded], { records, store, leases });
    await sleep(pause, undefined, { ref: false });
  }
  return { found, lost };
}

/** It may have come in between: nobody writes it while it is looked at once more. */
function forgetLost(
  digests: readonly Digest[],
  parts: Pick<Parameters<typeof reconcileStore>[0], 'records' | 'store' | 'leases'>,
): Promise<number> {
  return parts.leases.removing(digests, async (free) => {
    const gone: Digest[] = [];
    for (const digest of free) if (!(await parts.store.has(digest))) gone.push(digest);
    if (gone.length > 0) await parts.records.forgetBlobs(gone);
    return gone.length;
  });
}
