import type { Finding } from '../core/finding.ts';
import type { Answer, Program } from './expressions/program.ts';
import type { GraceSpan } from './grace.ts';
import type { FindingRule } from './policy.ts';

/** A rule about findings, with what is compiled of it. */
export interface PlannedRule {
  readonly rule: FindingRule;
  /** Its place among the rules about findings. */
  readonly index: number;
  readonly program: Program | null;
  /** Its expression looks at the finding alone: the answer is the same in every image and at all times. */
  readonly asksFindingAlone: boolean;
}

/**
 * That a rule catches a finding, as far as the two alone say so: its expression is still to be asked, and whether it is
 * time yet is for who judges.
 */
export interface Possible {
  readonly planned: PlannedRule;
  /** Milliseconds since 1970; a condition that time makes true stays true. */
  readonly from: number;
  /** null: certain, else why nobody can tell. */
  readonly doubt: string | null;
  readonly grace: GraceSpan | null;
  /** What its expression said, and the steps it took; null: not asked yet, or it looks at more than the finding. */
  answer: { readonly said: Answer; readonly steps: number } | null;
}

/** What does not depend on the image, on exceptions or on the time, of a finding under some rules. */
export interface Profile {
  readonly finding: Finding;
  /** The name people know it by. */
  readonly name: string;
  /** How bad it is (order.ts). */
  readonly weight: number;
  /** In any order, each rule once at most. */
  readonly possible: readonly Possible[];
  /** The sentence that was last made of it, and from which titles (reasons.ts). */
  sentence: { readonly titles: readonly number[]; readonly text: string } | null;
}
