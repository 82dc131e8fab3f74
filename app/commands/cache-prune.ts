import { setTimeout as sleep } from 'node:timers/promises';
import { parseBytes } from '../../core/bytes.ts';
import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { CacheOrder, CacheRequest } from '../../core/ports/cache.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import { lockFolder } from '../../db/lock.ts';
import { openStateBeside } from '../../db/state.ts';
import { openRecords } from '../../db/state-client.ts';
import { parseDuration } from '../../policy/time.ts';
import { openBlobStore } from '../../registry/blob-store.ts';
import { createCache } from '../cache.ts';
import type { Config } from '../config/config.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { outcomeText } from '../report/cache-report.ts';
import { createProgress } from './progress.ts';
import { withState } from './state-beside.ts';

export interface PruneOptions {
  readonly dryRun?: true;
  readonly unreferenced?: true;
  readonly olderThan?: string;
  readonly to?: string;
  readonly sources: ConfigSources;
}

/** Milliseconds between looks at what a server is doing, and until one that has not begun is given up. */
const pause = 200;
const patience = 30_000;

/**
 * `pratique cache prune`: a running server does it and is waited for; without one it is done here.
 * @throws PratiqueError `usage-invalid`, `config-invalid`, `data-unusable`, `data-locked`
 */
export async function pruneCache(options: PruneOptions, console: Console): Promise<number> {
  const config = loadConfig(options.sources);
  const order = orderOf(options, config, Date.now());
  const dryRun = order.dryRun;
  const file = dataPaths(config.data).state;
  // Says so where there is no state.
  const id = withState(file, openStateBeside, (state) => state.askCache(order, new Date().toISOString()));
  const free = tryLock(dataPaths(config.data).lock);
  const request =
    free === null ? await awaitServer(config, id, console) : await carryOutHere(config, id, free);
  if (request.state === 'failed' || request.outcome === null) {
    throw new PratiqueError('data-unusable', `the cache was not pruned: ${request.problem ?? 'see the log'}`);
  }
  console.out(outcomeText(request.outcome, dryRun));
  return exitCodes.ok;
}

function orderOf(
  { dryRun, unreferenced, olderThan, to }: PruneOptions,
  { cache }: Config,
  at: number,
): CacheOrder {
  const age = olderThan === undefined ? null : parseDuration(olderThan);
  const size = to === undefined ? null : parseBytes(to);
  if (olderThan !== undefined && age === null) {
    throw new PratiqueError(
      'usage-invalid',
      `--older-than: found "${olderThan}", allowed a time such as 30d`,
    );
  }
  if (to !== undefined && size === null) {
    throw new PratiqueError('usage-invalid', `--to: found "${to}", allowed a size such as 50GiB`);
  }
  if (unreferenced === undefined && age === null && size === null) {
    throw new PratiqueError(
      'usage-invalid',
      'say what goes: --unreferenced, --older-than TIME, --to SIZE, or several of them',
    );
  }
  return {
    kind: 'prune',
    dryRun: dryRun === true,
    unreferenced: unreferenced === true,
    to: size,
    usedBefore: age === null ? null : at - age,
    claimedBefore: at - cache.grace,
  };
}

/** null: a server runs. */
function tryLock(file: string): (() => void) | null {
  try {
    return lockFolder(file);
  } catch (error) {
    if (isPratiqueError(error) && error.code === 'data-locked') return null;
    throw error;
  }
}

async function awaitServer(config: Config, id: number, console: Console): Promise<CacheRequest> {
  const { state: file, lock } = dataPaths(config.data);
  const progress = createProgress(console, Date.now);
  const deadline = Date.now() + patience;
  try {
    for (;;) {
      const request = withState(file, openStateBeside, (state) => state.cacheRequest(id));
      if (request === null || request.state === 'done' || request.state === 'failed') {
        return request ?? lost(id, 'nobody knows of the order any more');
      }
      if (request.outcome !== null) progress.show(outcomeText(request.outcome, false));
      const free = tryLock(lock);
      if (free !== null) return await carryOutHere(config, id, free);
      if (request.state === 'asked' && Date.now() > deadline) {
        return lost(
          id,
          'the running server has not begun: it is busy with another order, and does this one later',
        );
      }
      await sleep(pause);
    }
  } finally {
    progress.clear();
  }
}

function lost(id: number, problem: string): never {
  throw new PratiqueError('data-locked', `the cache was not pruned: ${problem}`, { id });
}

/** No server runs, and none can start meanwhile. */
async function carryOutHere(config: Config, id: number, unlock: () => void): Promise<CacheRequest> {
  const { state: file, store: folder } = dataPaths(config.data);
  const silent = (): void => undefined;
  try {
    const records = await openRecords(file, silent);
    const cache = createCache({
      config: config.cache,
      records,
      store: openBlobStore(folder),
      folder,
      metrics: { onEvicted: silent, onRound: silent },
      now: Date.now,
      logger: silentLogger,
    });
    try {
      await records.resumeCacheRequests();
      // Orders that were given before it come first.
      for (;;) {
        const next = await records.nextCacheRequest();
        if (next === null) return lost(id, 'another process has taken the order');
        const outcome = await cache.carryOut(next.order, () => Promise.resolve());
        await records.putCacheOutcome(next.id, 'done', outcome, null);
        if (next.id === id) return { ...next, state: 'done', outcome };
      }
    } finally {
      await cache.close();
      await records.close();
    }
  } finally {
    unlock();
  }
}
