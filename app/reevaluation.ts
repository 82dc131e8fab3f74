import type { Cause } from '../core/change.ts';
import type { Digest } from '../core/digest.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Policy } from '../policy/policy.ts';
import { type RoundEnd, type RoundRecords, runRound } from './reevaluation-round.ts';
import type { RoundPhase } from './workers/reevaluation-messages.ts';

/** How far it is. */
export interface ReevaluationState {
  readonly running: boolean;
  /** null: nothing runs. */
  readonly phase: RoundPhase | null;
  /** Images. */
  readonly done: number;
  readonly total: number;
  /** ISO 8601; null: nothing has been judged again since the start. */
  readonly startedAt: string | null;
}

/**
 * Judges every recorded image again, in a thread of its own and without any upstream, so that reports and followers
 * are told what a new policy or new advisories say before somebody pulls. Gates never wait for it: they take no verdict
 * of another revision for current, and judge what they are asked for.
 */
export interface Reevaluation {
  /** Begins a round; one that is under way ends, because what it judges by is out of date. */
  start(cause: Cause): void;
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
  readonly state: ReevaluationState;
}

export interface ReevaluationOptions {
  readonly stateFile: string;
  readonly records: RoundRecords;
  /** What is in force; null: none have been imported, and nothing can be judged. */
  readonly advisories: () => { readonly file: string; readonly revision: string } | null;
  readonly policies: () => readonly Policy[];
  /** The key of inventories (`analyzersOf`). */
  readonly analyzers: string;
  readonly now: () => number;
  readonly logger: Logger;
  /** Told of verdicts that are on disk and are others than before. */
  readonly onChanged: (digests: readonly Digest[]) => void;
  /** For tests. */
  readonly run?: typeof runRound;
  /** Milliseconds before the first new attempt; doubles. For tests. */
  readonly pause?: number;
}

/** Attempts that get no further than the one before, after which a round is given up: its images are judged when asked for. */
const mostAttempts = 5;
const firstPause = 1000;

export function createReevaluation(options: ReevaluationOptions): Reevaluation {
  const { now, logger } = options;
  const run = options.run ?? runRound;
  let state: ReevaluationState = { running: false, phase: null, done: 0, total: 0, startedAt: null };
  let ending = new AbortController();
  let running: Promise<void> = Promise.resolve();

  const begun = (): ReevaluationState => ({
    running: true,
    phase: null,
    done: 0,
    total: 0,
    startedAt: new Date(now()).toISOString(),
  });

  /** Goes on where the last attempt ended, until all is done. */
  const round = async (cause: Cause, signal: AbortSignal): Promise<void> => {
    const started = now();
    let after: number | null = null;
    let changed = 0;
    let fruitless = 0;
    while (!signal.aborted) {
      const advisories = options.advisories();
      if (advisories === null) {
        logger.warn({ cause }, 'recorded images are not judged again: there are no advisories');
        return;
      }
      let stored = 0;
      const end: RoundEnd = await run({
        ...options,
        advisories,
        policies: options.policies(),
        asked: await options.records.rematchAsked(),
        after,
        signal,
        onTotal: (total, done) => {
          state = { ...state, done, total: Math.max(total, done) };
        },
        onPhase: (phase) => {
          state = { ...state, phase };
        },
        onStored: ({ images, last }, digests) => {
          after = last ?? after;
          stored += images;
          changed += digests.length;
          state = { ...state, done: state.done + images };
          if (digests.length > 0) options.onChanged(digests);
        },
      });
      if (end.kind === 'ended') return;
      if (end.kind === 'done') {
        logger.info(
          { cause, images: state.done, changed, milliseconds: now() - started },
          'recorded images were judged again',
        );
        return;
      }
      fruitless = stored === 0 ? fruitless + 1 : 1;
      const givenUp = fruitless >= mostAttempts;
      logger.error(
        { cause, err: end.error, after, attempt: fruitless, givenUp },
        'judging recorded images again failed: until it succeeds they are judged when they are asked for',
      );
      if (givenUp) return;
      await pause((options.pause ?? firstPause) * 2 ** (fruitless - 1), signal);
    }
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
      running = before.then(async () => {
        if (signal.aborted) return;
        state = begun();
        try {
          await round(cause, signal);
        } catch (error) {
          logger.error({ cause, err: error }, 'judging recorded images again ended with an internal error');
        } finally {
          // Another round has begun where this one was ended.
          if (!signal.aborted) state = { ...state, running: false, phase: null };
        }
      });
      // Whoever asks sees at once that what is recorded is out of date.
      state = begun();
    },
    stop: async () => {
      ending.abort();
      await running;
      state = { ...state, running: false, phase: null };
    },
  };
}

/** Milliseconds, or until the signal. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
  });
}
