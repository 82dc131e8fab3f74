import type { Exception } from '../../policy/policy.ts';
import { isoTime } from '../../policy/time.ts';
import type { HarborAllowlist } from './answers.ts';
import type { AllowlistRequest } from './api.ts';
import { coversEverything } from './image-coverage.ts';

export interface AllowlistPlace {
  /** Host by which images of this Harbor are named. */
  readonly host: string;
  /** null: the system's list, which holds for every project that has no list of its own. */
  readonly project: string | null;
}

export interface LeftOut {
  readonly exception: Exception;
  readonly why: string;
}

export interface AllowlistPlan {
  readonly wanted: AllowlistRequest;
  readonly taken: readonly Exception[];
  readonly leftOut: readonly LeftOut[];
  /** The exception that ends first, and the whole list with it; null of an empty list. */
  readonly first: Exception | null;
  /** Entries that would come, and such as no exception stands for: somebody's own, or of an exception that is over. */
  readonly added: readonly string[];
  readonly foreign: readonly string[];
  /** Whether Harbor has exactly this already. */
  readonly unchanged: boolean;
}

/** What `pratique harbor allowlist` has to tell. */
export interface AllowlistOutcome {
  readonly place: AllowlistPlace;
  readonly policy: string;
  readonly current: HarborAllowlist;
  readonly plan: AllowlistPlan;
  /** Whether the project follows the system's list, so that its own has no effect. */
  readonly reuses: boolean;
  readonly outcome: 'done' | 'unchanged' | 'would';
}

/**
 * What Pratique's exceptions come to in an allowlist of Harbor. Harbor knows advisories alone, for a project or
 * for all, with one end for the whole list: an exception goes in only where that lets nothing through that it does
 * not, so what is bound to a package stays out, and the list ends with the first of its exceptions.
 */
export function planAllowlist(
  exceptions: readonly Exception[],
  current: HarborAllowlist,
  place: AllowlistPlace,
  now: number,
): AllowlistPlan {
  const leftOut: LeftOut[] = [];
  const longest = new Map<string, Exception>();
  for (const exception of exceptions) {
    const why = unfit(exception, place, now);
    if (why !== null) {
      leftOut.push({ exception, why });
      continue;
    }
    const known = longest.get(exception.advisory);
    if (known === undefined || exception.endsAt > known.endsAt) longest.set(exception.advisory, exception);
  }
  const taken = [...longest.values()];
  const first = taken.reduce<Exception | null>(
    (soonest, one) => (soonest === null || one.endsAt < soonest.endsAt ? one : soonest),
    null,
  );
  const ends = first === null ? null : Math.floor(first.endsAt / 1000);
  const ids = taken.map(({ advisory }) => advisory).sort();
  const present = new Set(current.items.map(({ cve_id }) => cve_id));
  const added = ids.filter((id) => !present.has(id));
  const foreign = [...present].filter((id) => !longest.has(id)).sort();
  return {
    wanted: { expires_at: ends, items: ids.map((cve_id) => ({ cve_id })) },
    taken,
    leftOut,
    first,
    added,
    foreign,
    unchanged:
      added.length === 0 && foreign.length === 0 && (ids.length === 0 || current.expires_at === ends),
  };
}

/** Why an exception cannot go there without letting more through than it does; null where it can. */
function unfit(
  { package: name, image, endsAt }: Exception,
  { host, project }: AllowlistPlace,
  now: number,
): string | null {
  // Harbor counts whole seconds: an end within this one is none that it can keep.
  if (Math.floor(endsAt / 1000) * 1000 <= now) return `it ended at ${isoTime(endsAt)}`;
  if (name !== null) return `it is for the package ${name}; Harbor's list knows no packages`;
  if (image === null) return null;
  const covers =
    project === null ? coversEverything(image, [host], 2) : coversEverything(image, [host, project], 1);
  if (covers) return null;
  return project === null
    ? `it is for ${image}, and the system's list is for all of ${host}`
    : `it is for ${image}, which is not all of ${host}/${project}`;
}
