import { randomBytes } from 'node:crypto';
import type { Digest } from '../../core/digest.ts';
import type { Logger } from '../../core/ports/logger.ts';
import {
  mostRunningOfReport,
  noCluster,
  type RunningImage,
  type RunningReport,
} from '../../core/ports/sightings.ts';
import type { Wait } from '../cluster/wait.ts';

/** Milliseconds between two looks at what has changed. */
const betweenParts = 15_000;
/** Milliseconds after which something is told though nothing has changed: who hears nothing for hours takes nobody to be there. */
const betweenSigns = 600_000;
/** Milliseconds after which everything is told anew. */
const betweenLooks = 3_600_000;
/** Milliseconds between two tries after a failure: the first, doubled each time, up to the longest. */
const shortestWait = 5000;
const longestWait = 300_000;
/** Characters of names; what is longer is no name of Kubernetes. */
const longest = { namespace: 253, workload: 507, image: 1024, team: 63 } as const;

export interface ReportingOptions {
  readonly cluster: string | null;
  /** What runs now, each image in each workload; null: it is not known, so nothing is told. */
  readonly running: () => Iterable<RunningImage> | null;
  /** Where it is told. @throws where it was not taken: all of it is told again then */
  readonly tell: (report: RunningReport) => Promise<void>;
  readonly wait: Wait;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

interface Look {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly begunAt: number;
  toldAt: number;
  /** By `keyOf`. */
  readonly told: Map<string, RunningImage>;
}

/** Tells who keeps the records what runs in the cluster, until the signal. Never throws. */
export async function reportRunning(options: ReportingOptions): Promise<void> {
  const { signal, wait, logger } = options;
  let look: Look | null = null;
  let failures = 0;
  while (!signal.aborted) {
    let milliseconds = betweenParts;
    try {
      look = await tellOnce(options, look);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      look = null;
      milliseconds = Math.min(shortestWait * 2 ** failures, longestWait);
      failures = Math.min(failures + 1, 10);
      logger.warn(
        { err: error, againInSeconds: milliseconds / 1000 },
        'what runs in the cluster could not be reported',
      );
    }
    await wait(milliseconds, signal);
  }
}

/** @returns the look that the next one goes on from; null: nothing is known, and everything is told when it is again */
export async function tellOnce(options: ReportingOptions, before: Look | null): Promise<Look | null> {
  const { cluster, now, tell } = options;
  const running = options.running();
  if (running === null) return null;
  const found = new Map<string, RunningImage>();
  for (const image of running) if (!isTooLong(image)) found.set(keyOf(image), image);
  const at = now();
  // A clock that was set back begins a look anew, so that its times are in order.
  const goesOn = before !== null && at >= before.begunAt && at - before.begunAt < betweenLooks;
  const look: Look = goesOn ? before : { name: lookName(), begunAt: at, toldAt: at, told: new Map() };
  const came = [...found].flatMap(([key, image]) => (isSame(look.told.get(key), image) ? [] : [image]));
  const stopped = [...look.told].flatMap(([key, image]) => (found.has(key) ? [] : [image]));
  const parts = partsOf(came, stopped);
  if (goesOn && came.length === 0 && stopped.length === 0 && at - look.toldAt < betweenSigns) return look;
  for (const [index, part] of parts.entries()) {
    await tell({
      cluster: cluster ?? noCluster,
      at: new Date(at).toISOString(),
      look: look.name,
      ...part,
      whole: !goesOn && index === parts.length - 1,
    });
  }
  look.toldAt = at;
  for (const image of stopped) look.told.delete(keyOf(image));
  for (const image of came) look.told.set(keyOf(image), image);
  return look;
}

function lookName(): string {
  return randomBytes(16).toString('hex');
}

/** At least one. */
function partsOf(
  running: readonly RunningImage[],
  stopped: readonly RunningImage[],
): readonly Pick<RunningReport, 'running' | 'stopped'>[] {
  const parts: Pick<RunningReport, 'running' | 'stopped'>[] = [];
  for (let at = 0; at < running.length; at += mostRunningOfReport) {
    parts.push({ running: running.slice(at, at + mostRunningOfReport), stopped: [] });
  }
  for (let at = 0; at < stopped.length; at += mostRunningOfReport) {
    const gone = stopped.slice(at, at + mostRunningOfReport);
    parts.push({
      running: [],
      stopped: gone.map(({ digest, namespace, workload }) => ({ digest, namespace, workload })),
    });
  }
  return parts.length === 0 ? [{ running: [], stopped: [] }] : parts;
}

function keyOf({
  digest,
  namespace,
  workload,
}: {
  digest: Digest;
  namespace: string;
  workload: string;
}): string {
  return JSON.stringify([digest, namespace, workload]);
}

function isSame(told: RunningImage | undefined, { image, team }: RunningImage): boolean {
  return told !== undefined && told.image === image && told.team === team;
}

function isTooLong({ namespace, workload, image, team }: RunningImage): boolean {
  const texts = { namespace, workload, image, team: team ?? '' };
  return Object.entries(texts).some(([field, text]) => text.length > longest[field as keyof typeof longest]);
}
