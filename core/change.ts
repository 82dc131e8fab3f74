import type { Digest } from './digest.ts';
import type { FinalStatus, Verdict } from './verdict.ts';

/**
 * Why a verdict was made again. `first`: there was none. `time`: a grace or an exception ended, or the advisories
 * became too old. `images`: another repository was found to hold it. `scan`: another inventory. `vex`: other VEX is attached to it.
 */
export const causes = [
  'first',
  'advisories',
  'policy',
  'exception',
  'time',
  'images',
  'scan',
  'vex',
] as const;
export type Cause = (typeof causes)[number];

/** Version of what the change stream says. */
export const changeSchemaVersion = 1;

interface ChangeBase {
  /** Rises with every change; a reader goes on after the last one that it has seen. Never used twice. */
  readonly cursor: number;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** What is said of an image by a policy has changed. */
export interface VerdictChange extends ChangeBase {
  readonly kind: 'verdict';
  readonly digest: Digest;
  readonly policy: string;
  /** Canonical names of the repositories that hold it. */
  readonly images: readonly string[];
  /** null: nothing was said before. */
  readonly from: FinalStatus | null;
  readonly to: FinalStatus;
  readonly cause: Cause;
  /** What decided first, at most five sentences. */
  readonly reasons: readonly string[];
  /** Ids of findings that deny or cannot be decided, and did not before; at most twenty. */
  readonly newlyDenying: readonly string[];
}

/**
 * The same is said for another time, or by another revision. Only the newest one of a digest and policy is kept, so a
 * reader that was away does not read each of them.
 */
export interface RenewalChange extends ChangeBase {
  readonly kind: 'renewal';
  readonly digest: Digest;
  readonly policy: string;
}

/** Something that all verdicts depend on has changed; those that follow from it come after it. */
export interface GroundChange extends ChangeBase {
  readonly kind: 'policy' | 'advisories' | 'exception';
  /** Revision of the policy set or of the advisories, id of the exception. */
  readonly subject: string;
  /** One sentence. */
  readonly note: string;
}

export type Change = VerdictChange | RenewalChange | GroundChange;
type WithoutCursor<Kind> = Kind extends ChangeBase ? Omit<Kind, 'cursor'> : never;
export type NewChange = WithoutCursor<Change>;

/** A page of the stream: `GET /api/v1/changes`. */
export interface ChangePage {
  readonly schemaVersion: typeof changeSchemaVersion;
  readonly changes: readonly (Change & { readonly verdict?: Verdict | null })[];
  /** After which to go on. */
  readonly cursor: number;
}
