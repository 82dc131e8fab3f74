import type { Scanned, ScanSource } from '../core/ports/scans.ts';
import type { ScanEngineOptions } from './engine-options.ts';
import { tryAgainAfter } from './failure.ts';
import type { ScanTask } from './task.ts';

export type Inspected = { readonly scanned: Scanned } | { readonly error: unknown };

/**
 * What is known of a task's digest, or what can be found out with the credentials of one of its jobs; tried again
 * where that may help. Null: nobody waits for it any more.
 */
export async function inspect(
  { scans, after }: Pick<ScanEngineOptions, 'scans' | 'after'>,
  task: ScanTask,
  source: ScanSource,
  isStopped: () => boolean,
): Promise<Inspected | null> {
  const onProgress = (done: number, total: number) => {
    task.layersDone = done;
    task.layersTotal = total;
  };
  for (let tries = 1; task.jobs.size > 0 && !isStopped(); tries += 1) {
    try {
      return { scanned: (await scans.known(source)) ?? (await scans.scan(source, onProgress)) };
    } catch (error) {
      const wait = tryAgainAfter(error, tries);
      if (wait === null) return { error };
      await new Promise<void>((resolve) => {
        after(wait, resolve);
      });
    }
  }
  return null;
}
