import type { GateName } from './context.ts';

/** Where an exception holds. An empty list: everywhere. */
export interface ExceptionScope {
  /** Names of policies. */
  readonly policies: readonly string[];
  readonly gates: readonly GateName[];
  /** Names, or patterns with `*`. */
  readonly clusters: readonly string[];
  /** Names, or patterns with `*`. */
  readonly namespaces: readonly string[];
}

export const everywhere: ExceptionScope = { policies: [], gates: [], clusters: [], namespaces: [] };

/** Whether a verdict alone, made without knowing who asks, can tell that the exception holds. */
export function isContextFree({ gates, clusters, namespaces }: ExceptionScope): boolean {
  return gates.length === 0 && clusters.length === 0 && namespaces.length === 0;
}

/** One finding let through until a time, with a reason and an author. */
export interface Exception {
  /** `ex-` and 12 hex digits for one that was granted by hand; null for one that stands in a policy file. */
  readonly id: string | null;
  /** Any id or alias of the finding. */
  readonly advisory: string;
  /** Name of a package or of its source; null: every package. */
  readonly package: string | null;
  /** Pattern over canonical repository names; null: every image. */
  readonly image: string | null;
  readonly scope: ExceptionScope;
  readonly reason: string;
  readonly author: string;
  readonly ticket: string | null;
  /** For people: the day as it was written (it ends with that day, UTC), or the instant in UTC. */
  readonly expires: string;
  /** Milliseconds since 1970: the first instant at which it holds no more. */
  readonly endsAt: number;
}

/** One that was granted by `pratique exception add`. */
export interface GrantedException extends Exception {
  readonly id: string;
  /** ISO 8601. */
  readonly grantedAt: string;
  readonly revoked: { readonly at: string; readonly by: string; readonly reason: string } | null;
}
