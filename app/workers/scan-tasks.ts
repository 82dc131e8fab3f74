import type { Descriptor } from '../../core/image.ts';
import type { LayerLimits } from '../../scanner/limits.ts';
import type { LayerOutcome } from '../../vetting/ports.ts';
import { openFile, readLayer } from '../scan/read-layer.ts';
import type { BlobPlace, ImageSource } from '../scan/source.ts';
import { result, type TaskResult } from './result.ts';

export interface ScanLayerTask {
  readonly place: BlobPlace;
  readonly layer: Descriptor;
  readonly limits: LayerLimits;
  readonly checkedBy: ImageSource['checkedBy'];
}

/** Reads and analyses a layer for `pratique scan`, in a thread of its own. */
export function scanLayerTask(task: ScanLayerTask): Promise<TaskResult<LayerOutcome>> {
  const { place, layer, limits, checkedBy } = task;
  return result(async () => {
    if (place.kind === 'file') return readLayer(layer, openFile(place), limits, checkedBy);
    // Most of what a thread would load is the client, which layers on this machine do not need.
    const { createUpstreamClient } = await import('../../registry/upstream/client.ts');
    const client = createUpstreamClient(place.upstream);
    try {
      const { body } = await client.openBlob(place.path, layer.digest);
      return await readLayer(layer, body, limits, checkedBy);
    } finally {
      await client.close();
    }
  });
}
