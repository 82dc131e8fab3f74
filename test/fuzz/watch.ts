import { Worker } from 'node:worker_threads';
import { errorText } from '../../core/errors.ts';
import type { Bounds, Fuzzed } from './fuzz-loop.ts';
import { LastInput } from './last-input.ts';
import type { Input } from './target.ts';

/** What the thread is told. */
export interface FuzzRun {
  readonly name: string;
  readonly bounds: Bounds;
  readonly shared: SharedArrayBuffer;
}

export type Outcome =
  | { readonly kind: 'fuzzed'; readonly fuzzed: Fuzzed }
  | { readonly kind: 'failed'; readonly why: string; readonly input: Input; readonly count: number };

/** Milliseconds that one input may take: no bound of a parser of 256 KiB is near it. */
const longestRun = 20_000;
/** Megabytes of the thread's heap. */
const heap = 768;

/** Fuzzes a target in a thread of its own. */
export function watch(name: string, bounds: Bounds): Promise<Outcome> {
  const shared = LastInput.allocate();
  const last = new LastInput(shared);
  const run: FuzzRun = { name, bounds, shared };
  const worker = new Worker(new URL('./fuzz-worker.js', import.meta.url), {
    workerData: run,
    resourceLimits: { maxOldGenerationSizeMb: heap },
  });
  return new Promise((resolve) => {
    let seen = { count: -1, at: performance.now() };
    const failed = (why: string): void => {
      clearInterval(timer);
      resolve({ kind: 'failed', why, input: last.input, count: last.count });
    };
    const timer = setInterval(() => {
      const { count } = last;
      if (count !== seen.count) seen = { count, at: performance.now() };
      else if (performance.now() - seen.at > longestRun) {
        failed(`it was not done after ${longestRun / 1000} s`);
        worker.terminate().catch((error: unknown) => failed(errorText(error)));
      }
    }, 500);
    worker.on('message', (fuzzed: Fuzzed) => {
      clearInterval(timer);
      resolve({ kind: 'fuzzed', fuzzed });
    });
    worker.on('error', (error) =>
      failed(error instanceof Error ? (error.stack ?? error.message) : errorText(error)),
    );
    worker.on('exit', (code) => {
      if (code !== 0) failed(`the thread ended with ${code}`);
    });
  });
}
