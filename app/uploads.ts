import { schedule } from 'node-cron';
import type { Logger } from '../core/ports/logger.ts';
import type { BlobStore } from '../registry/blob-store.ts';
import { defaultUploadLimits, type RoomKeeper, type Uploads } from '../registry/uploads/port.ts';
import { openUploads } from '../registry/uploads/uploads.ts';
import type { HostedConfig } from './config/cache.ts';
import type { Ending } from './ending.ts';

const everyMinute = '* * * * *';

/**
 * Blobs on their way in, and what removes those that nobody goes on with.
 * @param options `bytes`: the most that one blob may have
 * @throws PratiqueError `data-unusable`
 */
export async function startUploads(options: {
  readonly folder: string;
  readonly store: BlobStore;
  readonly bytes: number;
  readonly hosted: HostedConfig;
  readonly room: RoomKeeper;
  readonly makeRoom: () => Promise<void>;
  readonly ending: Ending;
  readonly now: () => number;
  readonly logger: Logger;
}): Promise<Uploads> {
  const { folder, store, bytes, hosted, room, makeRoom, ending, now, logger } = options;
  const limits = { ...defaultUploadLimits, bytes, idle: hosted.uploadIdle, age: hosted.uploadExpiry };
  const uploads = await openUploads({
    folder,
    store,
    limits,
    ...(hosted.quotas.length === 0 ? {} : { room }),
    makeRoom,
    now,
  });
  const expiry = schedule(everyMinute, () => {
    uploads.expire().then(
      (ended) => {
        if (ended > 0) logger.info({ ended }, 'uploads that nobody went on with were given up');
      },
      (error: unknown) => logger.error({ err: error }, 'old uploads could not be removed'),
    );
  });
  ending.add(async () => {
    await expiry.destroy();
  });
  return uploads;
}
