import type { Logger } from '../core/ports/logger.ts';
import type { Sighting, Sightings } from '../core/ports/sightings.ts';

type Seen = Omit<Sighting, 'firstAt'>;

/** Milliseconds that a sighting waits for others. */
const gatheredFor = 1000;
/** A thousand Pods may start in a second; what goes beyond is told by their owners' reviews, or the next time. */
const mostWaiting = 5000;

/** Characters. Kubernetes gives no longer names; a sighting with longer texts would fill disk and reports. */
const fields = ['cluster', 'namespace', 'workload', 'image', 'team'] as const;
const longest: Readonly<Record<(typeof fields)[number], number>> = {
  cluster: 253,
  namespace: 253,
  /** A kind, a slash and a name. */
  workload: 507,
  image: 1024,
  team: 63,
};

/** Gathers what was let in and writes it together. */
export interface SightingWriter {
  /** Never throws, never waits. */
  add(seen: readonly Seen[]): void;
  /** Writes what is waiting. */
  close(): Promise<void>;
}

/** Sightings are for reports: where they cannot be written, that is told, and no review waits for it. */
export function gatherSightings(options: {
  readonly store: Pick<Sightings, 'putSightings'>;
  readonly logger: Logger;
}): SightingWriter {
  const { store, logger } = options;
  let waiting = new Map<string, Seen>();
  let dropped = 0;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    const seen = [...waiting.values()];
    const lost = dropped;
    waiting = new Map();
    dropped = 0;
    if (lost > 0) logger.warn({ lost }, 'sightings of running images were left out: too many or too long');
    if (seen.length === 0) return;
    try {
      await store.putSightings(seen);
    } catch (error) {
      logger.warn({ err: error, lost: seen.length }, 'sightings of running images could not be written');
    }
  };
  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    // One after the other, so that a slow disk does not gather writes.
    writing = writing.then(write);
    return writing;
  };
  const flushAlone = (): void => {
    flush().catch((error: unknown) => logger.error({ err: error }, 'the writing of sightings failed'));
  };
  return {
    add: (seen) => {
      for (const one of seen) {
        if (isTooLong(one)) {
          dropped += 1;
          continue;
        }
        const key = JSON.stringify([one.digest, one.cluster, one.namespace, one.workload]);
        if (waiting.size < mostWaiting || waiting.has(key)) waiting.set(key, one);
        else dropped += 1;
      }
      timer ??= setTimeout(flushAlone, gatheredFor).unref();
    },
    close: flush,
  };
}

function isTooLong(seen: Seen): boolean {
  return fields.some((field) => (seen[field]?.length ?? 0) > longest[field]);
}
