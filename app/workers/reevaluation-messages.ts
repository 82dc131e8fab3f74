import type { Digest } from '../../core/digest.ts';
import type { PlainError } from '../../core/errors.ts';
import type { Policy } from '../../policy/policy.ts';

/** What a round judges by. Crosses into the thread once, when it starts. */
export interface ReevaluationGround {
  readonly stateFile: string;
  readonly advisories: { readonly file: string; readonly revision: string };
  readonly policies: readonly Policy[];
  readonly scanner: string;
  readonly analyzers: string;
  /** Everything up to this position is done; null: begin with the first. */
  readonly after: number | null;
  /** How much nicer than the process the thread is to the others (setpriority(2)). */
  readonly niceness: number;
  /** How far the server's clock is ahead of the machine's, milliseconds. */
  readonly ahead: number;
}

/** From the thread. */
export type ReevaluationMessage =
  | { readonly kind: 'started'; readonly images: number; readonly priority: string | null }
  | {
      readonly kind: 'batch';
      /** For `putEvaluated`; handed over, not copied. */
      readonly entries: Uint8Array;
      /** Images whose status or reasons are others. */
      readonly changed: readonly Digest[];
      readonly problems: readonly { readonly digest: Digest; readonly error: PlainError }[];
      /** How many images it is about, those that are said the same of included. */
      readonly images: number;
      /** Position of the last one. */
      readonly last: number;
      /** They were counted before. */
      readonly again: boolean;
    }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: PlainError };

/** To the thread: a batch is on disk, so that one more may be made. */
export interface ReevaluationCredit {
  readonly kind: 'stored';
  /** Somebody else has judged these in between, by what they took for current: to be judged once more. */
  readonly overtaken: readonly Digest[];
  /** As in `ReevaluationGround`, by now. */
  readonly ahead: number;
}
