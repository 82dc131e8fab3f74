import type { ImageManifest } from '../core/image.ts';
import type { ImageParts, LayerOutcome } from './ports.ts';

/** Bytes of a layer on its way; smaller ones are there before a look at the others is done. */
const worthLooking = 32 * 1024 ** 2;
/** Of one image. */
const mostLooks = 4;

/**
 * Looks at what has come of an image while large layers are still on their way. Nobody is told what is found: whoever waits
 * for the last byte does not wait for code to be compiled and pages of advisories to be read as well.
 */
export class EarlyLooks {
  readonly #manifest: ImageManifest;
  readonly #look: (parts: Pick<ImageParts, 'manifest' | 'layers'>) => Promise<unknown>;
  /** By position. */
  readonly #there = new Map<number, LayerOutcome>();
  #looking = false;
  #looks = 0;

  constructor(
    manifest: ImageManifest,
    look: (parts: Pick<ImageParts, 'manifest' | 'layers'>) => Promise<unknown>,
  ) {
    this.#manifest = manifest;
    this.#look = look;
  }

  /** A layer is known. */
  came(position: number, outcome: LayerOutcome): void {
    this.#there.set(position, outcome);
    if (this.#looking || this.#looks >= mostLooks || !this.#isWorth()) return;
    this.#looking = true;
    this.#looks += 1;
    const there = [...this.#there].sort(([one], [other]) => one - other);
    const { layers } = this.#manifest;
    this.#look({
      manifest: { ...this.#manifest, layers: there.flatMap(([at]) => layers[at] ?? []) },
      layers: there.map(([, known]) => known),
    })
      // What fails for good fails again when the whole image is looked at, and is told then.
      .catch(() => undefined)
      .finally(() => {
        this.#looking = false;
      });
  }

  #isWorth(): boolean {
    return this.#manifest.layers.some(({ size }, at) => size >= worthLooking && !this.#there.has(at));
  }
}
