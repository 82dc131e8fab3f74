import { viewOf } from '../core/inventory.ts';
import type { FinalStatus } from '../core/verdict.ts';
import { evaluate } from './evaluate.ts';
import type { Policy } from './policy.ts';

/** What became of one of a policy's own tests. */
export interface PolicyTestResult {
  readonly name: string;
  readonly passed: boolean;
  readonly expected: { readonly status: FinalStatus; readonly rules: readonly string[] | null };
  readonly found: { readonly status: FinalStatus; readonly rules: readonly string[] };
  /** What the verdict says, what decides first. */
  readonly reasons: readonly string[];
}

/** Judges every image that a policy's tests make up. Pure: each test brings its own time. */
export function runPolicyTests(policy: Policy): readonly PolicyTestResult[] {
  return policy.tests.map(({ name, at, inventory, match, scannedAt, image, expect }) => {
    const scanner = 'policy test';
    const verdict = evaluate({ policy, inventory: viewOf(inventory), match, image, scanner, scannedAt, at });
    const rules = [...new Set(verdict.rules.map(({ id }) => id))].sort();
    const wanted = expect.rules === null ? null : [...new Set(expect.rules)].sort();
    const same =
      wanted === null || (wanted.length === rules.length && wanted.every((id, i) => id === rules[i]));
    return {
      name,
      passed: verdict.status === expect.status && same,
      expected: { status: expect.status, rules: wanted },
      found: { status: verdict.status, rules },
      reasons: verdict.reasons,
    };
  });
}
