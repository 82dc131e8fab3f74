import type { Digest } from '../core/digest.ts';
import type { Descriptor, ImageManifest, IndexManifest, StoredManifest } from '../core/image.ts';
import { formatPlatform, type Platform } from '../core/platform.ts';
import type { Clearance, ClearanceScope } from '../core/ports/gate.ts';
import { combine, namedChildren, noNamedPlatform } from '../policy/clearance/combine.ts';
import type { VettingLimits } from './limits.ts';

/** What is below an index, as the one who looks can see it in its repository. */
export interface Sight {
  /** The manifest if it is held in memory. */
  readonly held: (digest: Digest) => StoredManifest | null;
  /** What stands of one that is not. @param platform as its index states it */
  readonly absent: (digest: Digest, platform: string | null) => Clearance;
  /** What stands of one that is not to be judged, for what it is. */
  readonly unfit: (digest: Digest, reasons: readonly string[]) => Clearance;
  /** What stands of an image. */
  readonly image: (digest: Digest, manifest: ImageManifest, platform: string | null) => Clearance;
}

export interface LookRules {
  readonly scope: ClearanceScope;
  readonly platforms: readonly Platform[];
  readonly limits: Pick<VettingLimits, 'indexDepth' | 'indexDescriptors' | 'indexBytes'>;
}

/** What stands of a manifest and of what is below it, as far as the limits let anybody look. */
export function lookAt(stored: StoredManifest, sight: Sight, rules: LookRules): Clearance {
  return new Look(sight, rules).at(stored, null, 0);
}

class Look {
  readonly #sight: Sight;
  readonly #rules: LookRules;
  /** How many descriptors may still be looked at, in all indexes together. */
  #descriptors: number;
  /** How many bytes of manifests they may have; what is held in memory must hold them all at once. */
  #bytes: number;

  constructor(sight: Sight, rules: LookRules) {
    this.#sight = sight;
    this.#rules = rules;
    this.#descriptors = rules.limits.indexDescriptors;
    this.#bytes = rules.limits.indexBytes;
  }

  /** @param platform as the index states it, which is what a runtime chooses by */
  at({ digest, manifest }: StoredManifest, platform: string | null, depth: number): Clearance {
    return manifest.kind === 'image'
      ? this.#sight.image(digest, manifest, platform)
      : this.#index(digest, manifest, depth);
  }

  #index(digest: Digest, manifest: IndexManifest, depth: number): Clearance {
    const { limits, platforms, scope } = this.#rules;
    if (manifest.hazards.length > 0) return this.#sight.unfit(digest, manifest.hazards);
    if (depth >= limits.indexDepth) {
      return this.#sight.unfit(digest, [`indexes nest deeper than ${limits.indexDepth} levels`]);
    }
    this.#descriptors -= manifest.manifests.length;
    if (this.#descriptors < 0) {
      const most = limits.indexDescriptors;
      return this.#sight.unfit(digest, [`the index and those in it name more than ${most} manifests`]);
    }
    const children = namedChildren(manifest.manifests, platforms);
    if (children.length === 0) {
      return this.#sight.unfit(digest, [noNamedPlatform(manifest.manifests, platforms)]);
    }
    const clearances = children.map((child) => this.#child(child, depth));
    return combine(digest, clearances, scope);
  }

  #child({ digest, size, platform: stated }: Descriptor, depth: number): Clearance {
    this.#bytes -= size;
    if (this.#bytes < 0) {
      const most = this.#rules.limits.indexBytes;
      return this.#sight.unfit(digest, [`the manifests of the index have more than ${most} bytes together`]);
    }
    const platform = stated === null ? null : formatPlatform(stated);
    const held = this.#sight.held(digest);
    if (held === null) return this.#sight.absent(digest, platform);
    if (held.bytes.length !== size) {
      const said = `its index says that it has ${size} bytes`;
      return this.#sight.unfit(digest, [`the manifest ${digest} has ${held.bytes.length} bytes, ${said}`]);
    }
    return this.at(held, platform, depth + 1);
  }
}
