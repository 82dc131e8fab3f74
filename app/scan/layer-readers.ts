import { availableParallelism } from 'node:os';
import type { Piscina } from 'piscina';
import { fromPlainError } from '../../core/errors.ts';
import type { Descriptor } from '../../core/image.ts';
import type { LayerLimits } from '../../scanner/limits.ts';
import type { LayerOutcome } from '../../vetting/ports.ts';
import type { TaskResult } from '../workers/result.ts';
import type { ScanLayerTask } from '../workers/scan-tasks.ts';
import type { LayerProgress } from './layer-progress.ts';
import type { LayerShelf } from './layer-shelf.ts';
import { readLayer } from './read-layer.ts';
import type { ImageSource } from './source.ts';

/** Layers read at once at most: each takes the memory of a thread. */
const mostLanes = 4;
/** Bytes of layers for which a further thread is worth its start. */
const worthThread = 4 * 1024 ** 2;
/** Megabytes of JavaScript heap per thread, and of which for what has just been made (as in app/workers/pool.ts). */
const resourceLimits = { maxOldGenerationSizeMb: 2048, maxYoungGenerationSizeMb: 12 };

type Read = (layer: Descriptor) => Promise<LayerOutcome>;

/** Reads the layers of images side by side: one in this thread, the others in threads of their own (docs/adr/0035-speed.md). */
export class LayerReaders {
  readonly #limits: LayerLimits;
  readonly #shelf: LayerShelf | null;
  #threads: Promise<Piscina> | null = null;

  /** @param shelf what earlier scans have found with these limits; null: nothing is kept */
  constructor(limits: LayerLimits, shelf: LayerShelf | null) {
    this.#limits = limits;
    this.#shelf = shelf;
  }

  /**
   * What became of each layer, in their order; of one that is named twice, once.
   * @param progress is told of bytes as they are read here, and of each layer when it is read
   * @throws PratiqueError when the bytes of one could not be had; no further one is begun then
   */
  async outcomes(
    source: ImageSource,
    layers: readonly Descriptor[],
    progress: LayerProgress,
  ): Promise<LayerOutcome[]> {
    const { checkedBy } = source;
    // Where descriptors only claim a digest, two that claim the same may be two layers.
    const keys = new Map(
      layers.map((layer, at) => [layer, checkedBy === 'blobs' ? keyOf(layer) : String(at)]),
    );
    const keyed = (layer: Descriptor): string => keys.get(layer) ?? '';
    const distinct = new Map(layers.map((layer) => [keyed(layer), layer]));
    const found = new Map<string, LayerOutcome>();
    const put = (layer: Descriptor, outcome: LayerOutcome): void => {
      found.set(keyed(layer), outcome);
      progress.layerDone(layer);
    };
    // What a claimed digest says nothing of can neither be known nor kept.
    const shelf = checkedBy === 'blobs' ? this.#shelf : null;
    const left: Descriptor[] = [];
    for (const layer of distinct.values()) {
      const known = (await shelf?.get(layer)) ?? null;
      if (known === null) left.push(layer);
      else put(layer, { kind: 'analysed', analysis: known });
    }
    const waiting = inOrder(source, left);
    const lane = async (read: Read): Promise<void> => {
      for (let layer = waiting.pop(); layer !== undefined; layer = waiting.pop()) {
        const outcome = await read(layer);
        if (outcome.kind === 'analysed') await shelf?.put(layer, outcome.analysis);
        put(layer, outcome);
      }
    };
    const here: Read = async (layer) =>
      readLayer(layer, progress.counted(layer, await source.blob(layer)), this.#limits, checkedBy);
    const there: Read = (layer) => {
      const place = source.place(layer);
      return place === null ? here(layer) : this.#inThread({ place, layer, limits: this.#limits, checkedBy });
    };
    const others =
      source.position === null ? lanesFor(waiting.map((layer) => bytesOf(source, layer))) - 1 : 0;
    try {
      await Promise.all([lane(here), ...Array.from({ length: others }, () => lane(there))]);
    } catch (error) {
      waiting.length = 0;
      throw error;
    }
    return layers.map((layer) => {
      const outcome = found.get(keyed(layer));
      if (outcome === undefined) throw new Error('a layer that was not read');
      return outcome;
    });
  }

  async close(): Promise<void> {
    await (await this.#threads)?.destroy();
  }

  async #inThread(task: ScanLayerTask): Promise<LayerOutcome> {
    this.#threads ??= startThreads();
    const threads = await this.#threads;
    const result = (await threads.run(task, { name: 'scanLayerTask' })) as TaskResult<LayerOutcome>;
    if ('error' in result) throw fromPlainError(result.error);
    return result.value;
  }
}

/** Loaded when they are called for: most scans of small images need none. */
async function startThreads(): Promise<Piscina> {
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: new URL('../workers/scan-tasks.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: mostLanes - 1,
    resourceLimits,
  });
}

/**
 * They are taken from the end. The smallest first, because the largest decide when all is done; or as they lie, where one
 * comes behind the other.
 */
function inOrder(source: ImageSource, layers: readonly Descriptor[]): Descriptor[] {
  const { position } = source;
  if (position === null) return layers.toSorted((a, b) => bytesOf(source, a) - bytesOf(source, b));
  return layers.toSorted((a, b) => position(b) - position(a));
}

/** What there is to be read; not every source's descriptors say. */
function bytesOf(source: ImageSource, layer: Descriptor): number {
  const place = source.place(layer);
  return place?.kind === 'file' && place.size !== null ? place.size : layer.size;
}

/** @param sizes of layers, bytes, the largest last; that one is this thread's own */
function lanesFor(sizes: readonly number[]): number {
  const beside = sizes.slice(0, -1).reduce((sum, size) => sum + size, 0);
  const wanted = 1 + Math.ceil(beside / worthThread);
  return Math.min(wanted, sizes.length, mostLanes, Math.max(2, availableParallelism()));
}

/** Bytes of another size than a descriptor says are wrong, so the size belongs to it. */
function keyOf({ digest, size }: Descriptor): string {
  return `${digest} ${size}`;
}
