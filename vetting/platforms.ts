import type { Digest } from '../core/digest.ts';
import type { ImageManifest, StoredManifest } from '../core/image.ts';
import type { Clearance } from '../core/ports/gate.ts';
import { type LookRules, lookAt } from './look.ts';

/** An image that has a say in what is made of a manifest. */
export interface NamedPlatform {
  readonly digest: Digest;
  /** As its index states it. */
  readonly platform: string | null;
  /** null: it is not held here. */
  readonly manifest: ImageManifest | null;
}

/** What a manifest comes to: which images have a say, and what of it is not to be judged, each a sentence. */
export interface Platforms {
  readonly platforms: readonly NamedPlatform[];
  readonly unfit: readonly string[];
}

/**
 * The images that have a say for admission, by the same look and within the same limits as when they are judged.
 * @param held the manifest if it is at hand
 */
export function platformsOf(
  stored: StoredManifest,
  held: (digest: Digest) => StoredManifest | null,
  rules: Omit<LookRules, 'scope'>,
): Platforms {
  const platforms: NamedPlatform[] = [];
  const unfit: string[] = [];
  lookAt(
    stored,
    {
      held,
      absent: (digest, platform) => {
        platforms.push({ digest, platform, manifest: null });
        return nothing(digest);
      },
      unfit: (digest, reasons) => {
        unfit.push(...reasons);
        return nothing(digest);
      },
      image: (digest, manifest, platform) => {
        platforms.push({ digest, platform, manifest });
        return nothing(digest);
      },
    },
    { ...rules, scope: 'admit' },
  );
  return { platforms, unfit };
}

/** The look combines what is said of each; here nothing is said. */
function nothing(digest: Digest): Clearance {
  const said = { status: 'pending', allowed: false, ruled: null, reasons: [], transient: true } as const;
  return { ...said, digest, platforms: [] };
}
