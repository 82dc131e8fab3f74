import type { z } from 'zod';
import { parseBytes } from '../../core/bytes.ts';
import { parseDuration, surely } from '../../policy/time.ts';
import type { HostedQuota } from '../../proxy/push/quota.ts';
import type { cacheSchema } from './cache-schema.ts';
import type { hostedSchema } from './tags-schema.ts';

/** `cache` of the configuration, read and checked. */
export interface CacheConfig {
  /** Bytes that all blobs may have together; null: as many as there is room for. */
  readonly bytes: number | null;
  /** Bytes of the disk that stay free; null: none. */
  readonly keepFree: number | null;
  /** Milliseconds without use after which a blob goes; null: age plays no role. */
  readonly age: number | null;
  /** Milliseconds that a blob which no manifest refers to stays. */
  readonly grace: number;
  /** A cron expression; null: only when it is asked for, or when room is needed. */
  readonly schedule: string | null;
}

/** `hosted` of the configuration, read and checked. */
export interface HostedConfig {
  /** Milliseconds after which an upload ends that nobody goes on with. */
  readonly uploadIdle: number;
  /** Milliseconds that an upload may take. */
  readonly uploadExpiry: number;
  readonly quotas: readonly HostedQuota[];
}

export function buildCache(file: z.infer<typeof cacheSchema>): CacheConfig {
  const { schedule } = file;
  return {
    bytes: file.bytes === 'off' ? null : surely(parseBytes(file.bytes)),
    keepFree: file.keepFree === 'off' ? null : surely(parseBytes(file.keepFree)),
    age: file.age === 'off' ? null : surely(parseDuration(file.age)),
    grace: surely(parseDuration(file.grace)),
    schedule: schedule === 'off' ? null : schedule,
  };
}

export function buildHosted(file: z.infer<typeof hostedSchema>): HostedConfig {
  return {
    uploadIdle: surely(parseDuration(file.uploadIdle)),
    uploadExpiry: surely(parseDuration(file.uploadExpiry)),
    quotas: file.quotas.map(({ repositories, user, bytes }): HostedQuota => {
      const allowed = surely(parseBytes(bytes));
      return user === undefined
        ? { kind: 'repositories', pattern: repositories ?? '', bytes: allowed }
        : { kind: 'user', user, bytes: allowed };
    }),
  };
}
