import { setTimeout as pause } from 'node:timers/promises';
import { schedule } from 'node-cron';
import type { Registry } from 'prom-client';
import type { Gate } from '../core/ports/gate.ts';
import type { Logger } from '../core/ports/logger.ts';
import { createSemaphore } from '../vetting/semaphore.ts';
import type { Config } from './config/config.ts';
import type { PrefetchEntry } from './config/prefetch-schema.ts';
import type { NamedImage } from './image-names.ts';
import { createPrefetchMetrics } from './metrics-prefetch.ts';
import { type Prefetched, type PrefetchOutcome, prefetchImage } from './prefetch-image.ts';
import { checkSchedule } from './scheduled-updates.ts';
import { platformsBy } from './upstreams.ts';

/** Images at the same time, whatever schedules they are of: who pulls goes first. */
const atOnce = 2;
/** Milliseconds for one image; what takes longer goes on, and is looked at again at its next turn. */
const patience = 30 * 60_000;

/** @throws PratiqueError `config-invalid` */
export function checkPrefetch(entries: Config['prefetch']): void {
  for (const [index, entry] of entries.entries())
    checkSchedule(entry.schedule, `prefetch[${index}].schedule`);
}

/** Prefetches as the configuration says. @returns ends it */
export function startPrefetch(options: {
  readonly config: Pick<Config, 'prefetch' | 'upstreams' | 'platforms'>;
  readonly gate: Pick<Gate, 'tag' | 'resolve' | 'settled' | 'blob'>;
  readonly registry: Registry;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly logger: Logger;
}): () => Promise<void> {
  const { config, gate, registry, random, logger } = options;
  if (config.prefetch.length === 0) return () => Promise.resolve();
  const platforms = platformsBy(config.upstreams, config.platforms);
  const now = (): number => performance.now();
  return schedulePrefetch({
    entries: config.prefetch,
    prefetch: (image, stopping) => prefetchImage(image, { gate, platforms, patience, now, stopping }),
    onOutcome: createPrefetchMetrics(registry),
    random,
    logger,
  });
}

/**
 * Runs every entry by its clock. What becomes of an image is told in the log when it is another than last time.
 * @returns ends all of it
 * @throws PratiqueError `config-invalid`
 */
export function schedulePrefetch(options: {
  readonly entries: readonly PrefetchEntry[];
  readonly prefetch: (image: NamedImage, stopping: AbortSignal) => Promise<Prefetched>;
  readonly onOutcome: (outcome: PrefetchOutcome) => void;
  readonly random: () => number;
  readonly logger: Logger;
}): () => Promise<void> {
  const { entries, logger } = options;
  checkPrefetch(entries);
  const ending = new AbortController();
  const enter = createSemaphore(
    atOnce,
    entries.reduce((sum, { images }) => sum + images.length, 0),
  );
  const told = new Map<string, string>();

  const tell = ({ name }: NamedImage, { outcome, digest, reason }: Prefetched): void => {
    options.onOutcome(outcome);
    const said = `${outcome} ${digest ?? ''} ${outcome === 'pending' ? '' : (reason ?? '')}`;
    const isNews = told.get(name) !== said;
    told.set(name, said);
    const fields = { image: name, outcome, digest, reason };
    if (!isNews) logger.debug(fields, 'prefetched, as last time');
    else if (outcome === 'ready') logger.info(fields, 'an image is ready before anyone asks');
    else if (outcome === 'refused') logger.warn(fields, 'an image that is prefetched is refused');
    else logger.warn(fields, 'an image could not be prefetched as it should');
  };
  const one = async (image: NamedImage): Promise<void> => {
    try {
      await enter(async () => {
        if (ending.signal.aborted) return;
        tell(image, await options.prefetch(image, ending.signal));
      });
    } catch (error) {
      if (ending.signal.aborted) return;
      options.onOutcome('failed');
      logger.error({ image: image.name, err: error }, 'an image could not be prefetched');
    }
  };
  const run = async ({ images, jitter }: PrefetchEntry): Promise<void> => {
    const wait = Math.floor(options.random() * jitter);
    try {
      if (wait > 0) await pause(wait, undefined, { signal: ending.signal, ref: false });
    } catch {
      // The one thing that ends the pause is the stop.
      return;
    }
    await Promise.all(images.map(one));
  };

  const running = new Map<PrefetchEntry, Promise<void>>();
  const tasks = entries.map((entry, index) =>
    schedule(entry.schedule, () => {
      const before = running.get(entry);
      if (before !== undefined) {
        logger.debug({ entry: index }, 'a prefetch is left out: the one before is under way');
        return before;
      }
      const begun = run(entry).finally(() => running.delete(entry));
      running.set(entry, begun);
      return begun;
    }),
  );
  return async () => {
    ending.abort();
    for (const task of tasks) await task.destroy();
    await Promise.all(running.values());
  };
}
