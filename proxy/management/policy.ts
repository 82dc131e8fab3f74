import type { Router } from 'express';
import type { Exception } from '../../core/exception.ts';
import type { ExceptionStore } from '../../core/ports/exceptions.ts';
import { queryFlag } from './query.ts';

/** What decides at the moment, and what stands in its way. */
export interface PolicyStanding {
  readonly name: string;
  /** Of the whole set. */
  readonly revision: string;
  readonly policies: readonly { readonly name: string; readonly revision: string }[];
  /** In the order in which they are asked, as plain data. */
  readonly bindings: readonly object[];
  readonly beforeScan: readonly object[];
  /** Why what lies in the file is not in force, one sentence; null: it is. */
  readonly problem: string | null;
  /** ISO 8601: since when that which decides is in force. */
  readonly inForceSince: string;
}

export interface PolicyPlaces {
  readonly policy: () => PolicyStanding;
  readonly exceptions: Pick<ExceptionStore, 'listExceptions'>;
  /** Those that stand in the files of policies in force. */
  readonly fileExceptions: () => readonly { readonly policy: string; readonly exception: Exception }[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Most exceptions that one answer lists. */
const mostListed = 5000;

export function policyRoutes(router: Router, places: PolicyPlaces): void {
  router.get('/api/v1/policy', (_request, response) => {
    response.json({ schemaVersion: 1, ...places.policy() });
  });

  router.get('/api/v1/exceptions', async (request, response) => {
    const all = queryFlag(request, 'all');
    const at = places.now();
    const granted = await places.exceptions.listExceptions(all ? null : new Date(at).toISOString());
    const listed = [
      ...granted.map((exception) => ({
        ...exception,
        from: 'granted',
        policy: null,
        inForce: exception.revoked === null && exception.endsAt > at,
      })),
      ...places
        .fileExceptions()
        .filter(({ exception }) => all || exception.endsAt > at)
        .map(({ policy, exception }) => ({
          ...exception,
          from: 'policy',
          policy,
          inForce: exception.endsAt > at,
        })),
    ].sort((a, b) => a.endsAt - b.endsAt);
    response.json({
      schemaVersion: 1,
      exceptions: listed.slice(0, mostListed),
      complete: listed.length <= mostListed,
    });
  });
}
