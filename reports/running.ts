import type { Digest } from '../core/digest.ts';
import { placeName, runningDays, type Sighting } from '../core/ports/sightings.ts';
import type { ReportSource } from './source.ts';
import { few } from './worst.ts';

export const dayMilliseconds = 86_400_000;
const mostPlaces = 5;

/** Where images were let in to run lately. */
export class Running {
  readonly #byDigest = new Map<Digest, Sighting[]>();
  readonly #namespace: string | null;

  /** @param namespace only what was let in there; null: everywhere */
  constructor(sightings: readonly Sighting[], namespace: string | null) {
    this.#namespace = namespace;
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
  const since = new Date(now - runningDays * dayMilliseconds).toISOString();
  return new Running(await source.sightings(since), namespace);
}

export const runningNote = `running: let in by the admission webhook within the last ${runningDays} days; nobody has looked whether it still runs`;
