import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Known } from '../../advisories/match/index.ts';
import { fromPlainError } from '../../core/errors.ts';
import type { Inventory } from '../../core/inventory.ts';
import type { PackageMatches } from '../../core/match.ts';
import { nobody, type UpstreamObserver } from '../../registry/upstream/observer.ts';
import type { ImageParts, LayerOutcome } from '../../vetting/ports.ts';
import type { AnalyseLayerTask, FetchLayerTask } from './layer-tasks.ts';
import type { KnownTask, MatchTask } from './match-tasks.ts';
import type { TaskResult } from './result.ts';

/** Layers that one thread works on at once: downloads wait for the network most of the time. */
const tasksPerThread = 3;
/** Milliseconds that a thread stays without work: loading one takes longer than most layers. */
const idleTimeout = 60_000;
/** Megabytes of JavaScript heap per thread; a layer's analysis is bounded far below. */
const heapMegabytes = 2048;
/** Of which for what has just been made; Node's own measure (48) is for one thread, not for several. */
const youngMegabytes = 12;

export interface WorkerPool {
  /** Loads the threads' code, so that the first pull does not wait for it. */
  warm(): Promise<void>;
  fetchLayer(task: FetchLayerTask): Promise<LayerOutcome>;
  analyseLayer(task: AnalyseLayerTask): Promise<LayerOutcome>;
  assemble(task: ImageParts): Promise<Inventory>;
  match(task: MatchTask): Promise<PackageMatches>;
  known(task: KnownTask): Promise<Known>;
  close(): Promise<void>;
}

/** The threads in which everything heavy happens. Every method rejects with the task's PratiqueError. */
export function createWorkerPool(observe: UpstreamObserver = nobody): WorkerPool {
  const layers = new Piscina({
    filename: new URL('./layer-tasks.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: Math.max(2, availableParallelism()),
    concurrentTasksPerWorker: tasksPerThread,
    idleTimeout,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: youngMegabytes },
  });
  // Apart, so that a match (milliseconds) never queues behind a layer (seconds).
  const matches = new Piscina({
    filename: new URL('./match-tasks.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
  });

  const run = async <Value>(pool: Piscina, name: string, task: unknown): Promise<Value> => {
    const result = (await pool.run(task, { name })) as TaskResult<Value>;
    for (const event of result.events ?? []) observe(event);
    if ('error' in result) throw fromPlainError(result.error);
    return result.value;
  };
  return {
    warm: async () => {
      await Promise.all([run(layers, 'warmTask', null), run(matches, 'warmTask', null)]);
    },
    fetchLayer: (task) => run(layers, 'fetchLayerTask', task),
    analyseLayer: (task) => run(layers, 'analyseLayerTask', task),
    assemble: (task) => run(matches, 'assembleTask', task),
    match: (task) => run(matches, 'matchTask', task),
    known: (task) => run(matches, 'knownTask', task),
    close: async () => {
      await Promise.all([layers.destroy(), matches.destroy()]);
    },
  };
}
