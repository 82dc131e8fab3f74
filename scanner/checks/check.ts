import type { CheckId, ImageFacts } from '../../core/inventory.ts';

/** Looks for one thing that a policy may mind. Pure; raise `version` with every change. */
export interface CheckOf {
  readonly id: CheckId;
  readonly version: number;
  /** What was found, one sentence; null: nothing. Never throws, whatever the facts say. */
  find(facts: ImageFacts): string | null;
}
