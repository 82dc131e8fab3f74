import type { Digest } from '../core/digest.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Records } from '../core/ports/records.ts';
import type { Judge } from '../vetting/judge.ts';
import type { Reevaluation, ReevaluationState } from './reevaluation.ts';

/** Images after which followers are told. */
const page = 200;

/**
 * Judges recorded images again where another scanner decides: from what it has said, image by image, since its findings are
 * those of images and not of packages. Those of which its word has ended are left to be scanned again.
 */
export function createReportedReevaluation(options: {
  readonly records: Pick<Records, 'inventoried'>;
  readonly judge: Pick<Judge, 'rejudge'>;
  /** The key of inventories (`analyzersOf`). */
  readonly analyzers: string;
  readonly onChanged: (digests: readonly Digest[]) => void;
  readonly now: () => number;
  readonly logger: Logger;
}): Reevaluation {
  const { records, judge, onChanged, now, logger } = options;
  let state: ReevaluationState = { running: false, phase: null, done: 0, total: 0, startedAt: null };
  let ending = new AbortController();
  let running: Promise<void> = Promise.resolve();

  const round = async (signal: AbortSignal): Promise<void> => {
    const digests = await records.inventoried(options.analyzers);
    state = { ...state, total: digests.length };
    let judged: Digest[] = [];
    for (const digest of digests) {
      if (signal.aborted) return;
      try {
        if ((await judge.rejudge(digest)) !== null) judged.push(digest);
      } catch (error) {
        logger.warn({ digest, err: error }, 'an image could not be judged again: it is when it is asked for');
      }
      state = { ...state, done: state.done + 1 };
      if (judged.length < page) continue;
      onChanged(judged);
      judged = [];
    }
    if (judged.length > 0) onChanged(judged);
  };

  return {
    get state() {
      return state;
    },
    start: (cause) => {
      ending.abort();
      ending = new AbortController();
      const { signal } = ending;
      const before = running;
      state = { running: true, phase: null, done: 0, total: 0, startedAt: new Date(now()).toISOString() };
      running = before.then(async () => {
        try {
          await round(signal);
          logger.info({ cause, images: state.done }, 'recorded images were judged again');
        } catch (error) {
          logger.error({ cause, err: error }, 'judging recorded images again ended with an error');
        } finally {
          if (!signal.aborted) state = { ...state, running: false };
        }
      });
    },
    stop: async () => {
      ending.abort();
      await running;
      state = { ...state, running: false };
    },
  };
}
