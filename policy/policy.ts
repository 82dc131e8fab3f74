import type { Exception } from '../core/exception.ts';
import type { FindingKind } from '../core/finding.ts';
import type { PackageType } from '../core/inventory.ts';
import type { KnownSeverity } from '../core/severity.ts';

export type RuleAction = 'deny' | 'warn';
export type RequirementAction = 'error' | 'warn' | 'ignore';

/** What a finding has to be for a rule to catch it. All that is not null must hold. */
export interface Condition {
  /** `unknown`: whether a finding whose severity nobody has told is caught as well. */
  readonly severity: { readonly atLeast: KnownSeverity; readonly unknown: boolean } | null;
  /** Whether a version without it is known. */
  readonly fixAvailable: boolean | null;
  readonly knownExploited: boolean;
  readonly kinds: readonly FindingKind[];
  /** Names of packages or of their sources. */
  readonly packages: readonly string[] | null;
  readonly ecosystems: readonly PackageType[] | null;
}

export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly action: RuleAction;
  readonly when: Condition;
  readonly remedy: string | null;
}

/** What an image as a whole must be, and what follows when it is not (docs/adr/0003-coverage.md). */
export interface Requirements {
  readonly coverage: RequirementAction;
  readonly completeInventory: RequirementAction;
  readonly recognisedOs: RequirementAction;
  readonly packages: RequirementAction;
  readonly advisories: AdvisoriesRequirement;
}

export interface AdvisoriesRequirement {
  /** As it was written, for sentences: `7d`. */
  readonly maxAge: string;
  readonly maxAgeMilliseconds: number;
  readonly action: RequirementAction;
}

/** A policy that was read and cannot be wrong. Made by `parsePolicy` alone. */
export interface Policy {
  readonly version: 1;
  readonly name: string;
  readonly rules: readonly Rule[];
  readonly require: Requirements;
  readonly artifacts: 'deny' | 'allow';
  readonly exceptions: readonly Exception[];
  /** Names it by its content (revision.ts). */
  readonly revision: string;
}

export type { Exception } from '../core/exception.ts';
