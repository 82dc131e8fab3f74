import { z } from 'zod';
import { parseBytes } from '../../core/bytes.ts';
import { parseDuration } from '../../policy/time.ts';
import { isRepositoryPattern } from '../../registry/repository-pattern.ts';
import { strict } from './strict.ts';

const sizeText = 'a size such as 200GiB or 512MiB';
const sizeOrOffText = `${sizeText}, or "off"`;
const timeText = 'a time such as 90m, 24h or 30d';
const timeOrOffText = `${timeText}, or "off"`;
const patternText = 'a pattern of hosted repositories such as hosted/team-a/**';

const size = z.string({ error: sizeText }).refine((value) => parseBytes(value) !== null, { error: sizeText });
const sizeOrOff = z
  .string({ error: sizeOrOffText })
  .refine((value) => value === 'off' || parseBytes(value) !== null, { error: sizeOrOffText });
const time = z
  .string({ error: timeText })
  .refine((value) => parseDuration(value) !== null, { error: timeText });
const timeOrOff = z
  .string({ error: timeOrOffText })
  .refine((value) => value === 'off' || parseDuration(value) !== null, { error: timeOrOffText });

export const cacheSchema = strict({
  bytes: sizeOrOff.default('off'),
  keepFree: sizeOrOff.default('1GiB'),
  age: timeOrOff.default('off'),
  grace: time.default('24h'),
  schedule: z
    .string({ error: 'a cron expression, or "off"' })
    .min(1, { error: 'a cron expression, or "off"' })
    .default('41 2 * * *'),
});

const quota = strict({
  repositories: z
    .string({ error: patternText })
    .refine((value) => value.startsWith('hosted/') && isRepositoryPattern(value), { error: patternText })
    .optional(),
  user: z
    .string({ error: 'the name of a user, or "*" for each' })
    .min(1, { error: 'the name of a user, or "*" for each' })
    .optional(),
  bytes: size,
}).refine((value) => (value.repositories === undefined) !== (value.user === undefined), {
  error: 'bytes with exactly one of repositories, user',
});

/** Keys of `hosted`. */
export const storageKeys = {
  uploadIdle: time.default('1h'),
  uploadExpiry: time.default('24h'),
  quotas: z.array(quota, { error: 'a list of quotas' }).default([]),
};
