import type { Descriptor } from '../../core/image.ts';
import type { ArrivalTicket } from '../../registry/arrival.ts';
import { openBlobStore } from '../../registry/blob-store.ts';
import { createUpstreamClient } from '../../registry/upstream/client.ts';
import { ClientCache } from '../../registry/upstream/client-cache.ts';
import type { UpstreamConfig } from '../../registry/upstream/config.ts';
import { unlimited } from '../../registry/upstream/limiter.ts';
import { EventRecorder } from '../../registry/upstream/observer.ts';
import type { LayerLimits } from '../../scanner/limits.ts';
import { analyseStoredLayer, fetchLayer } from '../../vetting/layer-task.ts';
import type { LayerOutcome } from '../../vetting/ports.ts';
import { result, type TaskResult } from './result.ts';

export { warmTask } from './result.ts';

export interface FetchLayerTask {
  readonly upstream: UpstreamConfig;
  readonly path: string;
  readonly layer: Descriptor;
  readonly store: string;
  readonly limits: LayerLimits;
  /** For those who follow the download meanwhile. */
  readonly ticket: ArrivalTicket;
}

export interface AnalyseLayerTask {
  readonly layer: Descriptor;
  readonly store: string;
  readonly limits: LayerLimits;
}

/** One client per upstream (and its credentials) and thread, for its connections and tokens. */
const recorder = new EventRecorder();
const clients = new ClientCache({
  // The main thread has seen to the limits before it handed the layer over (app/upstreams.ts).
  create: (config) =>
    createUpstreamClient(config, { now: Date.now, limiter: unlimited, observe: recorder.observe }),
});

export async function fetchLayerTask(task: FetchLayerTask): Promise<TaskResult<LayerOutcome>> {
  const done = await result(() =>
    clients.use(task.upstream, (client) =>
      fetchLayer({
        client,
        store: openBlobStore(task.store),
        path: task.path,
        layer: task.layer,
        limits: task.limits,
        ticket: task.ticket,
      }),
    ),
  );
  return { ...done, events: recorder.take() };
}

export function analyseLayerTask(task: AnalyseLayerTask): Promise<TaskResult<LayerOutcome>> {
  return result(() =>
    analyseStoredLayer({ store: openBlobStore(task.store), layer: task.layer, limits: task.limits }),
  );
}
