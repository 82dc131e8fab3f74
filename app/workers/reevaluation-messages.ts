import type { Digest } from '../../core/digest.ts';
import type { PlainError } from '../../core/errors.ts';
import type { MatchSwitch, SwitchOutcome } from '../../core/ports/rematching.ts';
import type { Policy } from '../../policy/policy.ts';

/** What a round judges by. Crosses into the thread once, when it starts. */
export interface ReevaluationGround {
  readonly stateFile: string;
  readonly advisories: { readonly file: string; readonly revision: string };
  readonly policies: readonly Policy[];
  readonly scanner: string;
  readonly analyzers: string;
  /** When somebody has asked that everything is matched again; null: only what has changed. */
  readonly asked: string | null;
  /** Everything up to this position is done; null: begin with the first. */
  readonly after: number | null;
  /** How much nicer than the process the thread is to the others (setpriority(2)). */
  readonly niceness: number;
  /** How far the server's clock is ahead of the machine's, milliseconds. */
  readonly ahead: number;
}

/**
 * What a round does: findings become right for the revision, then those images are judged whose findings are others, and
 * then all others.
 */
export type RoundPhase = 'matching' | 'changed' | 'others';

/** From the thread. */
export type ReevaluationMessage =
  | {
      readonly kind: 'started';
      readonly images: number;
      /** Of which an earlier attempt has done so many. */
      readonly done: number;
      readonly priority: string | null;
    }
  | { readonly kind: 'phase'; readonly phase: RoundPhase }
  /** For `stageMatches`; handed over, not copied. Answered with `staged`. */
  | { readonly kind: 'stage'; readonly findings: Uint8Array }
  /** Answered with `switched`. */
  | { readonly kind: 'switch'; readonly asked: MatchSwitch }
  | {
      readonly kind: 'rematched';
      readonly from: string;
      readonly all: boolean;
      /** Distinct packages. */
      readonly matched: number;
      readonly changed: number;
      readonly images: number;
      readonly milliseconds: number;
    }
  | {
      readonly kind: 'batch';
      /** For `putEvaluated`; handed over, not copied. */
      readonly entries: Uint8Array;
      /** Images whose status or reasons are others. */
      readonly changed: readonly Digest[];
      readonly problems: readonly { readonly digest: Digest; readonly error: PlainError }[];
      /** How many images it is about that were not counted before, those that are said the same of included. */
      readonly images: number;
      /** Everything up to this position is done with it; null: nothing more than before. */
      readonly last: number | null;
    }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: PlainError };

/** To the thread: what it has handed over is on disk, so that more may be made. */
export type ReevaluationAnswer =
  | { readonly kind: 'staged' }
  | { readonly kind: 'switched'; readonly outcome: SwitchOutcome }
  | {
      readonly kind: 'stored';
      /** Somebody else has judged these in between, by what they took for current: to be judged once more. */
      readonly overtaken: readonly Digest[];
      /** As in `ReevaluationGround`, by now. */
      readonly ahead: number;
    };
