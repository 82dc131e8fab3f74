import type { AskContext, AskedImage } from '../../core/context.ts';
import type { Verdict, VerdictStatus } from '../../core/verdict.ts';
import type { Bound, PolicySet, Selection } from './binding.ts';
import type { ContextOutcome } from './context-rules.ts';

/** What a binding makes of what is known of an image. */
export interface Ruling {
  readonly status: VerdictStatus;
  /** Whether the gate lets it through. */
  readonly allowed: boolean;
  /** Sentences for a person, what decided first. */
  readonly reasons: readonly string[];
  /** Context rules of the binding that hold, after exceptions for who asks. */
  readonly context: readonly ContextOutcome[];
}

/** The functions of a policy set that gates use. All pure. */
export interface Rulebook {
  readonly set: PolicySet;
  /** Cheap: what was selected before is remembered. */
  select(context: AskContext, image: AskedImage): Selection;
  /**
   * @param images canonical names of the repositories that hold the image, for exceptions with a pattern; null: not known,
   * and no such exception holds
   * @param at milliseconds since 1970
   */
  rule(
    bound: Bound,
    verdict: Verdict,
    context: AskContext,
    images: readonly string[] | null,
    at: number,
  ): Ruling;
  /** The same for an image without a verdict: still being inspected (`pending`), or not to be had (`error`). */
  ruleWithout(
    bound: Bound,
    status: Extract<VerdictStatus, 'pending' | 'error'>,
    reasons: readonly string[],
    context: AskContext,
  ): Ruling;
}
