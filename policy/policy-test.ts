import type { MatchResult } from '../core/finding.ts';
import type { Inventory } from '../core/inventory.ts';
import type { FinalStatus } from '../core/verdict.ts';

/** An image that is made up, and what a policy is expected to say of it. */
export interface PolicyTest {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly inventory: Inventory;
  readonly match: MatchResult;
  readonly scannedAt: string | null;
  /** Canonical names of the repositories that hold it. */
  readonly image: readonly string[];
  readonly expect: {
    readonly status: FinalStatus;
    /** Ids of the rules that have a say, in any order; null: any. */
    readonly rules: readonly string[] | null;
  };
}
