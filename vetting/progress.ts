import type { Digest } from '../core/digest.ts';
import type { Descriptor, ImageManifest } from '../core/image.ts';
import type { PullProgress } from '../core/ports/gate.ts';

interface UnderWay {
  readonly image: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly layers: readonly Descriptor[];
  readonly done: Set<Digest>;
}

/** How far inspections are, for those who wait and those who watch. */
export class ProgressBook {
  readonly #underWay = new Map<Digest, UnderWay>();
  readonly #arrived: (blob: Digest) => number | null;

  /** @param arrived bytes of a blob that have come so far; null: it is not on its way */
  constructor(arrived: (blob: Digest) => number | null = () => null) {
    this.#arrived = arrived;
  }

  begin(digest: Digest, image: string, manifest: ImageManifest, at: number): void {
    // A layer that is named twice is fetched once.
    const layers = [...new Map(manifest.layers.map((layer) => [layer.digest, layer])).values()];
    this.#underWay.set(digest, { image, startedAt: at, layers, done: new Set() });
  }

  layerDone(digest: Digest, layer: Digest): void {
    this.#underWay.get(digest)?.done.add(layer);
  }

  end(digest: Digest): void {
    this.#underWay.delete(digest);
  }

  /** As a person reads it, in brackets; empty where nothing has come yet. */
  text(digest: Digest): string {
    const one = this.#underWay.get(digest);
    return one === undefined || one.done.size === 0
      ? ''
      : ` (${one.done.size} of ${one.layers.length} layers)`;
  }

  /** The longest under way first. */
  list(): readonly PullProgress[] {
    return [...this.#underWay]
      .sort(([, a], [, b]) => a.startedAt - b.startedAt)
      .map(([digest, one]) => ({
        image: one.image,
        digest,
        startedAt: new Date(one.startedAt).toISOString(),
        layers: { done: one.done.size, total: one.layers.length },
        bytes: {
          arrived: one.layers.reduce((sum, layer) => sum + this.#bytesOf(one, layer), 0),
          total: one.layers.reduce((sum, { size }) => sum + size, 0),
        },
      }));
  }

  #bytesOf({ done }: UnderWay, { digest, size }: Descriptor): number {
    return done.has(digest) ? size : Math.min(size, this.#arrived(digest) ?? 0);
  }
}
