import { z } from 'zod';
import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import { parseDuration } from '../../policy/time.ts';
import { createAddressing, type UpstreamName } from '../../registry/addressing.ts';
import { type NamedImage, readImageName } from '../image-names.ts';
import { strict } from './strict.ts';

const imageText = 'the name of an image, such as docker.io/library/nginx:1.27';
const jitterText = 'a time such as 90s or 10m, or "off"';
const secondsPattern = /^[1-9][0-9]{0,4}s$/;
const mostImages = 500;
const mostEntries = 50;

const entrySchema = strict({
  images: z
    .array(z.string({ error: imageText }).min(1, { error: imageText }), { error: 'a list of images' })
    .min(1, { error: 'at least one image' })
    .max(mostImages, { error: `at most ${mostImages} images` }),
  /** A cron expression; `serve` looks whether it is one. */
  schedule: z
    .string({ error: 'a cron expression such as "*/15 * * * *"' })
    .min(1, { error: 'a cron expression such as "*/15 * * * *"' }),
  jitter: z
    .string({ error: jitterText })
    .refine((value) => value === 'off' || secondsPattern.test(value) || parseDuration(value) !== null, {
      error: jitterText,
    })
    .default('1m'),
});

export const prefetchListSchema = z
  .array(entrySchema, { error: 'a list of images with a schedule' })
  .max(mostEntries, { error: `at most ${mostEntries} schedules` })
  .default([]);

/** Images that are fetched and vetted by the clock. */
export interface PrefetchEntry {
  readonly images: readonly NamedImage[];
  /** A cron expression. */
  readonly schedule: string;
  /** Milliseconds: a run waits a random time up to this. */
  readonly jitter: number;
}

/** @throws PratiqueError `config-invalid` for an image of an upstream that there is not */
export function buildPrefetch(
  entries: z.infer<typeof prefetchListSchema>,
  names: { readonly upstreams: readonly UpstreamName[]; readonly publicNames: readonly string[] },
  fileName: string,
): PrefetchEntry[] {
  if (entries.length === 0) return [];
  const addressing = createAddressing(names);
  return entries.map(({ images, schedule, jitter }, entry) => ({
    images: images.map((text, index) => {
      try {
        return readImageName(text, addressing);
      } catch (error) {
        if (!isPratiqueError(error)) throw error;
        const at = `prefetch[${entry}].images[${index}]`;
        throw new PratiqueError(
          'config-invalid',
          `${fileName} ${at}: found "${text.slice(0, 200)}", allowed ${imageText}, of a configured upstream or hosted (${error.message})`,
          { setting: at },
          error,
        );
      }
    }),
    schedule,
    jitter: jitter === 'off' ? 0 : (parseDuration(jitter) ?? Number(jitter.slice(0, -1)) * 1000),
  }));
}
