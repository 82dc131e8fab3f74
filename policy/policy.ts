import type { CheckId } from '../core/check.ts';
import type { Exception } from '../core/exception.ts';
import type { FindingKind, FindingStatus } from '../core/finding.ts';
import type { PackageType } from '../core/inventory.ts';
import type { KnownSeverity } from '../core/severity.ts';
import type { PolicyTest } from './policy-test.ts';
import type { PolicyVex } from './vex/policy-vex.ts';

/** `info`: is told in the verdict's rules, and decides nothing. */
export type RuleAction = 'deny' | 'warn' | 'info';
export type RequirementAction = 'error' | 'warn' | 'ignore';

export interface Duration {
  /** As it was written, for sentences: `7d`. */
  readonly text: string;
  readonly milliseconds: number;
}

/** `unknown`: whether what nobody has told counts as well. */
export interface Threshold {
  readonly atLeast: number;
  readonly unknown: boolean;
}

/** What a finding has to be for a rule to catch it. All that is not null must hold. */
export interface Condition {
  readonly severity: { readonly atLeast: KnownSeverity; readonly unknown: boolean } | null;
  /** Score, 0 to 10. */
  readonly cvss: Threshold | null;
  /** Probability, 0 to 1. */
  readonly epss: Threshold | null;
  /** Whether a version without it is known. */
  readonly fixAvailable: boolean | null;
  /** A fix has been known for so long; where nobody says since when, that counts. */
  readonly fixAvailableFor: Duration | null;
  /** It was published so long ago; where nobody says when, that counts. */
  readonly publishedFor: Duration | null;
  readonly knownExploited: boolean;
  readonly kinds: readonly FindingKind[];
  readonly statuses: readonly FindingStatus[] | null;
  /** Names of packages or of their sources. */
  readonly packages: readonly string[] | null;
  readonly ecosystems: readonly PackageType[] | null;
  /** CEL (expressions/). */
  readonly expression: string | null;
}

/** For how long after its publication a finding that would deny warns. */
export interface Grace {
  readonly period: Duration;
  /** For those known to be exploited, or of which nobody can tell; null: none. */
  readonly knownExploited: Duration | null;
}

/** Which packages an image must not have. All that is not null must hold. */
export interface PackageCondition {
  /** Patterns with `*` over names of packages and their sources. */
  readonly names: readonly string[] | null;
  readonly ecosystems: readonly PackageType[] | null;
  /** Patterns with `*`; `unknown` for a package that tells none. */
  readonly licences: readonly string[] | null;
  /** Patterns with `*`. */
  readonly versions: readonly string[] | null;
  readonly expression: string | null;
}

/** What an image must not be. All that is not null must hold. */
export interface ImageCondition {
  /** Its release has no support, or will have none so soon. Zero: today. */
  readonly endOfLifeWithin: Duration | null;
  readonly olderThan: Duration | null;
  readonly scanOlderThan: Duration | null;
  /** `value`: a pattern with `*`; null: the label is absent. */
  readonly label: { readonly name: string; readonly value: string | null } | null;
  /** Patterns with `*`: `debian`, or `debian:12` with the version. */
  readonly os: readonly string[] | null;
  /** Names or numbers, without the group; an image that names none runs as `root`. */
  readonly user: readonly string[] | null;
}

export interface RuleHead {
  readonly id: string;
  readonly title: string;
  readonly why: string | null;
  readonly remedy: string | null;
  readonly action: RuleAction;
  /** Ids of controls/. */
  readonly controls: readonly string[];
}

export interface FindingRule extends RuleHead {
  readonly subject: 'findings';
  readonly when: Condition;
  /** It holds when at least so many findings are caught. */
  readonly count: number;
  /** Of a rule that denies. */
  readonly grace: Grace | null;
}

export interface PackageRule extends RuleHead {
  readonly subject: 'packages';
  readonly packages: PackageCondition;
}

export interface CheckRule extends RuleHead {
  readonly subject: 'checks';
  readonly checks: readonly CheckId[];
}

export interface ImageRule extends RuleHead {
  readonly subject: 'image';
  readonly image: ImageCondition;
}

export interface ExpressionRule extends RuleHead {
  readonly subject: 'expression';
  /** CEL over the image as a whole. */
  readonly expression: string;
}

export type WholeRule = PackageRule | CheckRule | ImageRule | ExpressionRule;
export type Rule = FindingRule | WholeRule;

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

/**
 * A policy that was read and cannot be wrong. Made by `parsePolicy` alone. Plain data that `structuredClone` copies:
 * what is compiled of it is kept beside it.
 */
export interface Policy {
  readonly version: 1;
  readonly name: string;
  readonly rules: readonly Rule[];
  readonly require: Requirements;
  readonly artifacts: 'deny' | 'allow';
  readonly exceptions: readonly Exception[];
  /** Left out: it believes no VEX. */
  readonly vex?: PolicyVex;
  /** Its own expected outcomes. They have no part in the revision. */
  readonly tests: readonly PolicyTest[];
  /** Names it by its content (revision.ts). */
  readonly revision: string;
}

export type { Exception } from '../core/exception.ts';
