import type { Digest } from '../../core/digest.ts';
import { isPratiqueError } from '../../core/errors.ts';
import type { StoredManifest } from '../../core/image.ts';
import type { Platform } from '../../core/platform.ts';
import type { GateStream, HeldManifest, StreamPlace } from '../../core/ports/gate-stream.ts';
import { type ReplicaImage, type ReplicaImages, replicaSchemaVersion } from '../../core/replica.ts';
import type { RepositoryAddress } from '../../core/repository.ts';
import { parseManifest } from '../../registry/manifest.ts';
import type { VettingLimits } from '../../vetting/limits.ts';
import { platformsOf } from '../../vetting/platforms.ts';

export interface HeldImagesParts {
  readonly records: Pick<GateStream, 'heldAfter' | 'manifestsIn'>;
  readonly platforms: (address: RepositoryAddress) => readonly Platform[];
  readonly limits: VettingLimits;
}

/** Tells which images repositories hold, from the records alone, and what each comes to. */
export function createHeldImages({ records, platforms, limits }: HeldImagesParts) {
  return async (place: StreamPlace, limit: number): Promise<ReplicaImages | 'gone'> => {
    const page = await records.heldAfter(place, limit);
    if (page === 'gone') return 'gone';
    const images: ReplicaImage[] = [];
    for (const held of page.held) {
      const image = await imageOf(held);
      if (image !== null) images.push(image);
    }
    const gone = page.gone.map(({ address, digest }) => ({ repository: address, digest }));
    const { records: name, cursor, last } = page;
    return { schemaVersion: replicaSchemaVersion, records: name, images, gone, cursor, last };
  };

  async function imageOf(held: HeldManifest): Promise<ReplicaImage | null> {
    const stored = readBack(held);
    if (stored === null) return null;
    const { address, tags } = held;
    const known = await below(stored, address);
    const rules = { platforms: platforms(address), limits };
    const found = platformsOf(stored, (digest) => known.get(digest) ?? null, rules);
    return {
      repository: address,
      digest: stored.digest,
      platforms: found.platforms.map(({ platform, digest }) => ({ platform, digest })),
      unfit: found.unfit,
      tags,
    };
  }

  /** What an index names, and what indexes in it name, as far as they are recorded and the limits let anybody look. */
  async function below(
    top: StoredManifest,
    address: RepositoryAddress,
  ): Promise<ReadonlyMap<Digest, StoredManifest>> {
    const known = new Map<Digest, StoredManifest>();
    let level: readonly StoredManifest[] = [top];
    for (let depth = 0; depth < limits.indexDepth; depth += 1) {
      const named = level.flatMap(({ manifest }) => (manifest.kind === 'index' ? manifest.manifests : []));
      const wanted = [...new Set(named.map(({ digest }) => digest))].filter((digest) => !known.has(digest));
      const room = limits.indexDescriptors - known.size;
      if (wanted.length === 0 || room <= 0) break;
      const found = await records.manifestsIn(address, wanted.slice(0, room));
      level = found.flatMap((held) => readBack(held) ?? []);
      for (const stored of level) known.set(stored.digest, stored);
    }
    return known;
  }
}

/** null: what an older version has recorded is not read by this one; it is found out again when it is asked for. */
function readBack({ digest, mediaType, bytes }: HeldManifest): StoredManifest | null {
  try {
    return { digest, mediaType, bytes, manifest: parseManifest(bytes, mediaType) };
  } catch (error) {
    if (isPratiqueError(error)) return null;
    throw error;
  }
}
