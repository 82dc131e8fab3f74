import type { Descriptor } from '../../core/image.ts';

/** How far the layers of an image have been read. */
export interface LayerProgress {
  /** Hands the bytes on and counts them. */
  readonly counted: (layer: Descriptor, bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  /** Told once of each; what of it has not been counted, because another thread has read it, is counted now. */
  readonly layerDone: (layer: Descriptor) => void;
}

/** Before that a rate says little, milliseconds. */
const untilRate = 1000;
const mebibyte = 1024 ** 2;

/** @param now milliseconds */
export function createLayerProgress(
  layers: readonly Descriptor[],
  now: () => number,
  show: (text: string) => void,
): LayerProgress {
  // What is named twice is read once.
  const distinct = new Map(layers.map((layer) => [`${layer.digest} ${layer.size}`, layer]));
  const total = [...distinct.values()].reduce((sum, { size }) => sum + size, 0);
  const startedAt = now();
  const counts = new Map<Descriptor, number>();
  let done = 0;
  let bytes = 0;
  const count = (layer: Descriptor, more: number): void => {
    counts.set(layer, (counts.get(layer) ?? 0) + more);
    bytes += more;
    show(
      progressText({ done, layers: Math.max(done, distinct.size), bytes, total, elapsed: now() - startedAt }),
    );
  };
  return {
    counted: async function* (layer, source) {
      for await (const chunk of source) {
        count(layer, chunk.length);
        yield chunk;
      }
    },
    layerDone: (layer) => {
      done += 1;
      count(layer, Math.max(0, layer.size - (counts.get(layer) ?? 0)));
    },
  };
}

/** `2 of 5 layers, 120.5 of 400.0 MiB, 35.2 MiB/s, 8 s left`. Milliseconds and bytes. */
export function progressText(state: {
  readonly done: number;
  readonly layers: number;
  readonly bytes: number;
  readonly total: number;
  readonly elapsed: number;
}): string {
  const { done, layers, bytes, total, elapsed } = state;
  const parts = [`${done} of ${layers} layers`, `${mebibytes(bytes)} of ${mebibytes(total)} MiB`];
  if (elapsed >= untilRate && bytes > 0) {
    const perSecond = bytes / (elapsed / 1000);
    const left = Math.ceil(Math.max(0, total - bytes) / perSecond);
    parts.push(
      `${mebibytes(perSecond)} MiB/s`,
      left < 120 ? `${left} s left` : `${Math.ceil(left / 60)} min left`,
    );
  }
  return parts.join(', ');
}

function mebibytes(bytes: number): string {
  return (bytes / mebibyte).toFixed(1);
}
