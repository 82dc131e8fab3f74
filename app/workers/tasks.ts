import { matchInventory } from '../../advisories/match/index.ts';
import { type PlainError, toPlainError } from '../../core/errors.ts';
import type { MatchResult } from '../../core/finding.ts';
import type { Descriptor } from '../../core/image.ts';
import type { Inventory } from '../../core/inventory.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { openBlobStore } from '../../registry/blob-store.ts';
import { ClientCache } from '../../registry/upstream/client-cache.ts';
import type { UpstreamConfig } from '../../registry/upstream/config.ts';
import type { LayerLimits } from '../../scanner/limits.ts';
import { assembleInventory } from '../../vetting/content.ts';
import { analyseStoredLayer, fetchLayer } from '../../vetting/layer-task.ts';
import type { ImageParts, LayerOutcome } from '../../vetting/ports.ts';

/** What worker threads do. Errors come back as values, because classes do not survive the thread boundary. */
export type TaskResult<Value> = { readonly value: Value } | { readonly error: PlainError };

export interface FetchLayerTask {
  readonly upstream: UpstreamConfig;
  readonly path: string;
  readonly layer: Descriptor;
  readonly store: string;
  readonly limits: LayerLimits;
}

export interface AnalyseLayerTask {
  readonly layer: Descriptor;
  readonly store: string;
  readonly limits: LayerLimits;
}

export interface MatchTask {
  readonly file: string;
  /** Revision that the caller takes for current; another one means that the file was swapped. */
  readonly revision: string;
  readonly inventory: Inventory;
}

/** One client per upstream (and its credentials) and thread, for its connections and tokens. */
const clients = new ClientCache();
let index: { readonly key: string; readonly open: AdvisoryIndex } | null = null;

/** Does nothing: a thread that has run it has loaded everything. */
export function warmTask(): Promise<TaskResult<null>> {
  return Promise.resolve({ value: null });
}

export function fetchLayerTask(task: FetchLayerTask): Promise<TaskResult<LayerOutcome>> {
  return result(() =>
    clients.use(task.upstream, (client) =>
      fetchLayer({
        client,
        store: openBlobStore(task.store),
        path: task.path,
        layer: task.layer,
        limits: task.limits,
      }),
    ),
  );
}

export function analyseLayerTask(task: AnalyseLayerTask): Promise<TaskResult<LayerOutcome>> {
  return result(() =>
    analyseStoredLayer({ store: openBlobStore(task.store), layer: task.layer, limits: task.limits }),
  );
}

export function assembleTask(task: ImageParts): Promise<TaskResult<Inventory>> {
  return result(() => Promise.resolve(assembleInventory(task)));
}

export function matchTask(task: MatchTask): Promise<TaskResult<MatchResult>> {
  return result(() => Promise.resolve(matchInventory(task.inventory, indexOf(task))));
}

async function result<Value>(work: () => Promise<Value>): Promise<TaskResult<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: toPlainError(error, 'vetting-failed') };
  }
}

function indexOf(task: MatchTask): AdvisoryIndex {
  const key = `${task.file} ${task.revision}`;
  if (index?.key === key) return index.open;
  index?.open.close();
  index = null;
  const open = openAdvisoryIndex(task.file);
  index = { key, open };
  return open;
}
