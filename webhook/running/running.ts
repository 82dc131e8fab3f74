import { clusterClient } from '../cluster/client.ts';
import { pause } from '../cluster/wait.ts';
import { readNamespaceLabels } from '../namespaces.ts';
import { keptLabels } from './kept-labels.ts';
import { underLease } from './lease.ts';
import type { RunningOptions } from './options.ts';
import type { RunningView } from './view.ts';
import { nothingSeen, Watch } from './watch.ts';

/** What runs in the cluster, looked after in the background. */
export interface Running {
  /** Verdicts, the policy or the exceptions may be others. */
  poke(): void;
  /** @param limit rows */
  view(limit: number): RunningView;
  close(): Promise<void>;
}

/**
 * Follows the Pods of a cluster, judges what they run whenever something changes, and tells it: whoever keeps the records,
 * the cluster itself, and people who ask. Never throws.
 */
export function startRunning(options: RunningOptions): Running {
  const { access, lease, now, ticks, wait = pause, logger } = options;
  const closing = new AbortController();
  const client = clusterClient(access);
  const namespaces = readNamespaceLabels({ client, logger });
  let watch: Watch | null = null;
  let holder: string | null = null;
  const work = async (signal: AbortSignal): Promise<void> => {
    const mine = new Watch({ ...options, client, namespaces, wait, signal, kept: () => kept(options) });
    watch = mine;
    try {
      await mine.run();
    } catch (error) {
      logger.error({ err: error }, 'what runs in the cluster is looked after no more: it needs a restart');
    } finally {
      watch = null;
    }
  };
  const done = underLease(
    { ...lease, client, wait, ticks, now, signal: closing.signal, logger },
    work,
    (found) => {
      holder = found;
    },
  ).catch((error: unknown) => {
    logger.error({ err: error }, 'the lease of who reports what runs is not looked at any more');
  });
  return {
    poke: () => watch?.poke(),
    view: (limit) => ({
      ...(watch?.view(limit) ?? nothingSeen),
      leader: watch !== null,
      holder,
    }),
    close: async () => {
      closing.abort();
      namespaces.close();
      await done;
    },
  };
}

function kept({ policySet, teamLabel }: RunningOptions): ReadonlySet<string> {
  return keptLabels(policySet(), teamLabel);
}
