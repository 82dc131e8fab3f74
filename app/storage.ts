import { Registry } from 'prom-client';
import type { Logger } from '../core/ports/logger.ts';
import type { StateRecords } from '../db/state-client.ts';
import { createQuotas } from '../proxy/push/quota.ts';
import { type BlobStore, openBlobStore } from '../registry/blob-store.ts';
import type { Uploads } from '../registry/uploads/port.ts';
import { type Cache, createCache } from './cache.ts';
import type { Config } from './config/config.ts';
import type { Ending } from './ending.ts';
import { createCacheMetrics } from './metrics-cache.ts';
import type { DataPaths } from './paths.ts';
import { startUploads } from './uploads.ts';

/** What keeps the store, and what brings pushed blobs into it. */
export interface Storage extends Pick<Cache, 'makeRoom' | 'start'> {
  readonly store: BlobStore;
  /** Of the store. */
  readonly folder: string;
  /** What has to stay in the store for a while. */
  readonly inUse: Cache['leases'];
  readonly uploads: Uploads;
  /** All metrics of the process; those of the store are in it. */
  readonly registers: Registry;
}

/** @throws PratiqueError `data-unusable` */
export async function openStorage(parts: {
  readonly config: Config;
  readonly records: StateRecords;
  readonly paths: DataPaths;
  readonly ending: Ending;
  readonly now: () => number;
  readonly logger: Logger;
}): Promise<Storage> {
  const { config, records, paths, ending, now, logger } = parts;
  const registers = new Registry();
  const metrics = createCacheMetrics(registers, logger);
  metrics.watch(() => records.cacheTotals(), config.cache.bytes);
  const folder = paths.store;
  const store = openBlobStore(folder);
  await store.clearTemporary();
  const cache = createCache({ config: config.cache, records, store, folder, metrics, now, logger });
  ending.add(() => cache.close());
  const { leases: inUse, makeRoom, start } = cache;
  const uploads = await startUploads({
    folder: paths.uploads,
    store,
    bytes: config.limits.uploadBytes,
    hosted: config.hosted,
    room: createQuotas(config.hosted.quotas, records),
    makeRoom: () => makeRoom(0),
    ending,
    now,
    logger,
  });
  return { store, folder, registers, inUse, makeRoom, start, uploads };
}
