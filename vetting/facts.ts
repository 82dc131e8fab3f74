import type { Digest } from '../core/digest.ts';
import type { PlainError } from '../core/errors.ts';
import type { StoredManifest } from '../core/image.ts';
import type { ManifestFacts } from '../core/ports/gate.ts';
import type { Policy } from '../policy/policy.ts';
import type { Judge } from './judge.ts';
import { type Known, saidBy } from './known.ts';
import type { LookRules } from './look.ts';
import { type NamedPlatform, platformsOf } from './platforms.ts';
import { firstOf, type Waits } from './waits.ts';

/** What the gate knows, as facts are made of it. */
export interface FactPlaces {
  readonly rules: Omit<LookRules, 'scope'>;
  /** Those in force that any binding names. */
  readonly policies: () => readonly Policy[];
  /** The manifest if it is held in memory. */
  readonly held: (digest: Digest) => StoredManifest | null;
  readonly known: (digest: Digest) => Known | null;
  readonly judge: Pick<Judge, 'isCurrent'>;
  /** What is known of it was asked for. */
  readonly noticed: (digest: Digest) => void;
  /** Why it cannot be known; null: it is being found out, and `waits` has it. */
  readonly wanted: (platform: NamedPlatform, waits: Waits) => PlainError | null;
}

/** What is known of a manifest when nothing is being found out any more, or the time is over. */
export async function settledFacts(
  stored: StoredManifest,
  places: FactPlaces,
  milliseconds: number,
): Promise<ManifestFacts> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const waits: Waits = [];
    const now = factsNow(stored, places, waits);
    const left = deadline - performance.now();
    if (!now.pending || left <= 0) return now;
    await firstOf(waits, left);
  }
}

function factsNow(stored: StoredManifest, places: FactPlaces, waits: Waits): ManifestFacts {
  const policies = places.policies();
  const { platforms, unfit } = platformsOf(stored, places.held, places.rules);
  const verdicts: ManifestFacts['verdicts'][number][] = [];
  const failures: ManifestFacts['failures'][number][] = [];
  // An index may name one manifest for several platforms.
  for (const one of new Map(platforms.map((named) => [named.digest, named])).values()) {
    const { digest } = one;
    const known = places.known(digest);
    const said = known === null ? null : saidBy(places.judge, known, policies);
    if (known !== null && said !== null) {
      places.noticed(digest);
      verdicts.push(...said.map((verdict) => ({ digest, verdict, images: known.images })));
      continue;
    }
    const failure = places.wanted(one, waits);
    if (failure !== null) failures.push({ digest, failure });
  }
  return {
    platforms: platforms.map(({ digest, platform }) => ({ digest, platform })),
    unfit,
    verdicts,
    failures,
    pending: waits.length > 0,
  };
}
