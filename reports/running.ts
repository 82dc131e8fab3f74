import type { Digest } from '../core/digest.ts';
import {
  noCluster,
  placeName,
  runningDays,
  type Sighting,
  type WatchedCluster,
  watchedHours,
} from '../core/ports/sightings.ts';
import type { ReportSource } from './source.ts';
import { few } from './worst.ts';

export const dayMilliseconds = 86_400_000;
const hourMilliseconds = 3_600_000;
const mostPlaces = 5;

/** Where images run, and were let in to run lately. */
export class Running {
  readonly #byDigest = new Map<Digest, Sighting[]>();
  readonly #namespace: string | null;
  /** What is known of it all, for whoever reads the report. */
  readonly note: string;

  /** @param namespace only what runs there; null: everywhere */
  constructor(sightings: readonly Sighting[], watched: readonly WatchedCluster[], namespace: string | null) {
    this.#namespace = namespace;
    this.note = noteOf(watched);
    for (const one of sightings) {
      if (namespace !== null && one.namespace !== namespace) continue;
      const known = this.#byDigest.get(one.digest);
      if (known === undefined) this.#byDigest.set(one.digest, [one]);
      else known.push(one);
    }
  }

  get digests(): ReadonlySet<Digest> {
    return new Set(this.#byDigest.keys());
  }

  of(digest: Digest): readonly Sighting[] {
    return this.#byDigest.get(digest) ?? [];
  }

  has(digest: Digest): boolean {
    return this.#byDigest.has(digest);
  }

  /** Whether a report that asks for one namespace leaves the image out. */
  leavesOut(digest: Digest): boolean {
    return this.#namespace !== null && !this.has(digest);
  }

  /** For one cell: `prod/shop/Deployment/web`. */
  places(digest: Digest): readonly string[] {
    const places = new Set(this.of(digest).map(placeName));
    return few([...places].sort(), mostPlaces);
  }
}

/** @param now milliseconds since 1970 */
export async function readRunning(
  source: ReportSource,
  now: number,
  namespace: string | null,
): Promise<Running> {
  const before = (milliseconds: number): string => new Date(now - milliseconds).toISOString();
  const watched = await source.watchedClusters(before(watchedHours * hourMilliseconds));
  return new Running(await source.sightings(before(runningDays * dayMilliseconds)), watched, namespace);
}

function noteOf(watched: readonly WatchedCluster[]): string {
  const letIn = `let in by the admission webhook within the last ${runningDays} days; nobody has looked whether it still runs`;
  if (watched.length === 0) return `running: ${letIn}`;
  const names = watched.map(({ cluster, at }) =>
    cluster === noCluster ? `the cluster without a name (${at})` : `${cluster} (${at})`,
  );
  return `running: as seen in ${few(names, mostPlaces).join(', ')}; elsewhere ${letIn}`;
}
