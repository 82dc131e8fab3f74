import { Worker } from 'node:worker_threads';
import type { Digest } from '../core/digest.ts';
import { fromPlainError, PratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Rematching } from '../core/ports/rematching.ts';
import type { EvaluatedVerdicts } from '../core/ports/verdicts.ts';
import type { Policy } from '../policy/policy.ts';
import { scannerNameOf } from '../vetting/judge.ts';
import type {
  ReevaluationAnswer,
  ReevaluationGround,
  ReevaluationMessage,
  RoundPhase,
} from './workers/reevaluation-messages.ts';

/** What a round writes through: the state's own thread. */
export type RoundRecords = EvaluatedVerdicts & Rematching;

export interface RoundOptions {
  readonly stateFile: string;
  readonly records: RoundRecords;
  readonly advisories: { readonly file: string; readonly revision: string };
  readonly policies: readonly Policy[];
  /** The key of inventories (`analyzersOf`). */
  readonly analyzers: string;
  /** When somebody has asked that everything is matched again; null: only what has changed. */
  readonly asked: string | null;
  /** Goes on after this position; null: begins with the first. */
  readonly after: number | null;
  readonly now: () => number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** There are so many images, of which so many are done. */
  readonly onTotal: (images: number, done: number) => void;
  readonly onPhase: (phase: RoundPhase) => void;
  /**
   * So many images more are on disk; with them everything up to the position `last` is (null: no further than before).
   * What is said of `changed` is another.
   */
  readonly onStored: (
    further: { readonly images: number; readonly last: number | null },
    changed: readonly Digest[],
  ) => void;
}

/** `ended`: by the signal. `failed`: the thread or the state database did; what was stored stays. */
export type RoundEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly error: Error };

/** How much nicer the thread is than those that serve (setpriority(2)): see docs/measurements.md. */
const niceness = 19;
/** Megabytes of heap: an image at the limits of matching fits in. */
const heapMegabytes = 1024;
/** Of which for what has just been made. */
const youngMegabytes = 32;

type Batch = Extract<ReevaluationMessage, { kind: 'batch' }>;

/**
 * One run of the thread. Batches are handed on to the state's thread as they come, as bytes; the thread makes the next
 * ones only when these are on disk. Resolves when nothing is under way any more; never rejects.
 */
export function runRound(options: RoundOptions): Promise<RoundEnd> {
  const { signal, logger } = options;
  const ground: ReevaluationGround = {
    stateFile: options.stateFile,
    advisories: options.advisories,
    policies: options.policies,
    scanner: scannerNameOf(options.analyzers),
    analyzers: options.analyzers,
    asked: options.asked,
    after: options.after,
    niceness,
    ahead: aheadOf(options.now),
  };
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./workers/reevaluation-worker.js', import.meta.url), {
      workerData: ground,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: youngMegabytes },
    });
    let storing: Promise<void> = Promise.resolve();
    let ended: RoundEnd | null = null;

    /** The first end counts. */
    const end = (how: RoundEnd): void => {
      if (ended !== null) return;
      ended = how;
      signal.removeEventListener('abort', abort);
      Promise.all([storing, worker.terminate()]).then(
        () => resolve(how),
        (error: unknown) => resolve(failedBy(error)),
      );
    };
    const abort = (): void => end({ kind: 'ended' });
    /** In the order in which they came; what fails ends the round. */
    const doNext = (work: () => Promise<ReevaluationAnswer>): void => {
      const next = async (): Promise<void> => {
        if (ended !== null) return;
        try {
          worker.postMessage(await work());
        } catch (error) {
          end(failedBy(error));
        }
      };
      storing = storing.then(next);
    };
    worker.on('message', (message: ReevaluationMessage) => {
      switch (message.kind) {
        case 'started':
          options.onTotal(message.images, message.done);
          if (message.priority === null) return;
          logger.info(
            { problem: message.priority },
            'judging recorded images again runs with the same priority as serving: the system permits no other',
          );
          return;
        case 'phase':
          options.onPhase(message.phase);
          return;
        case 'stage':
          doNext(async () => {
            await options.records.stageMatches(message.findings);
            return { kind: 'staged' };
          });
          return;
        case 'switch':
          doNext(async () => ({
            kind: 'switched',
            outcome: await options.records.switchMatches(message.asked),
          }));
          return;
        case 'rematched': {
          const { kind: _, ...told } = message;
          logger.info(
            { revision: options.advisories.revision, ...told },
            'recorded findings are right again',
          );
          return;
        }
        case 'batch':
          doNext(async () => ({
            kind: 'stored',
            overtaken: await storeBatch(options, message),
            ahead: aheadOf(options.now),
          }));
          return;
        case 'failed':
          end({ kind: 'failed', error: fromPlainError(message.error) });
          return;
        case 'done':
          storing = storing.then(() => end({ kind: 'done' }));
      }
    });
    worker.on('error', (error) => end({ kind: 'failed', error }));
    worker.on('exit', (code) =>
      end({
        kind: 'failed',
        error: new PratiqueError('vetting-failed', `the thread that judges again has ended with ${code}`),
      }),
    );
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });
}

/** The thread has the machine's clock alone. */
function aheadOf(now: () => number): number {
  return now() - Date.now();
}

function failedBy(error: unknown): RoundEnd {
  return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
}

/** Which images somebody else has judged in between: nothing of them was written. */
async function storeBatch(
  { records, now, logger, onStored }: RoundOptions,
  batch: Batch,
): Promise<readonly Digest[]> {
  for (const { digest, error } of batch.problems) {
    logger.warn(
      { digest, err: fromPlainError(error) },
      'an image could not be judged again: what stood of it is taken back',
    );
  }
  const { overtaken } = await records.putEvaluated(batch.entries, new Date(now()).toISOString());
  const others = new Set(overtaken);
  const changed = batch.changed.filter((digest) => !others.has(digest));
  onStored({ images: batch.images, last: batch.last }, changed);
  return overtaken;
}
