import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { schedule } from 'node-cron';
import type { Logger } from '../core/ports/logger.ts';
import { lockFolder } from '../db/lock.ts';
import { openRecords } from '../db/state-client.ts';
import type { Policy } from '../policy/policy.ts';
import { createManagement } from '../proxy/management.ts';
import { openBlobStore } from '../registry/blob-store.ts';
import { createUpstreamClient } from '../registry/upstream/client.ts';
import type { UpstreamConfig } from '../registry/upstream/config.ts';
import { ANALYZERS } from '../scanner/analyzers.ts';
import { defaultLayerLimits } from '../scanner/limits.ts';
import { Analysis, type LayerFlights } from '../vetting/analysis.ts';
import { Catalogue } from '../vetting/catalogue.ts';
import { OwnedFlights } from '../vetting/flights.ts';
import { createHosted } from '../vetting/hosted.ts';
import { Judge } from '../vetting/judge.ts';
import { defaultVettingLimits } from '../vetting/limits.ts';
import type { Blobs, LayerRunner } from '../vetting/ports.ts';
import { Sweep } from '../vetting/sweep.ts';
import { Vetting } from '../vetting/vetting.ts';
import { CurrentAdvisories } from './advisories.ts';
import type { Config, Listen } from './config/config.ts';
import { Ending } from './ending.ts';
import { type HarborAdapter, startHarborAdapter } from './harbor-adapter.ts';
import { createMetrics } from './metrics.ts';
import { dataPaths } from './paths.ts';
import { readPolicy } from './policy-file.ts';
import { serveRegistryPort } from './registry-front.ts';
import { startUploads } from './uploads.ts';
import { readVersion } from './version.ts';
import { startWebhook } from './webhook-port.ts';
import { createWorkerPool } from './workers/pool.ts';

/** A running Pratique: where it listens, and how to end it. */
export interface RunningServer {
  readonly registry: Listen | null;
  readonly management: Listen | null;
  readonly webhook: Listen | null;
  readonly harborAdapter: Listen | null;
  /** PEM file of the authority that signed the webhook's certificate; null when the operator brought one. */
  readonly webhookCa: string | null;
  readonly advisories: CurrentAdvisories;
  readonly policy: Policy;
  close(): Promise<void>;
}

/** How often the advisory file is looked at for a swap by another process (`pratique advisories update`). */
const everyFiveSeconds = '*/5 * * * * *';

/**
 * The parts list: everything is made here, once, and handed to those who use it.
 * @throws PratiqueError `config-invalid`, `policy-invalid`, `data-locked`, `data-unusable`, `port-taken`
 */
export async function startServer(
  config: Config,
  logger: Logger,
  now: () => number,
): Promise<RunningServer> {
  const ending = new Ending(logger);
  try {
    return await start(config, logger, now, ending);
  } catch (error) {
    await ending.close();
    throw error;
  }
}

async function start(
  config: Config,
  logger: Logger,
  now: () => number,
  ending: Ending,
): Promise<RunningServer> {
  const policy = readPolicy(config.policyFile);
  const paths = dataPaths(config.data);
  mkdirSync(paths.root, { recursive: true, mode: 0o700 });
  ending.add(lockFolder(paths.lock));

  const store = openBlobStore(paths.store);
  await store.clearTemporary();
  let stateLost: string | null = null;
  let loginProblem = (): string | null => null;
  const records = await openRecords(paths.state, (error) => {
    stateLost = error.message;
    logger.error({ err: error }, 'the state database is gone: every gate is closed until a restart');
  });
  ending.add(() => records.close());
  const pool = createWorkerPool();
  ending.add(() => pool.close());
  await pool.warm();

  const advisories = new CurrentAdvisories(paths.advisories, pool);
  advisories.refresh();

  const clients = new Map(
    config.upstreams.map((upstream) => [upstream.name, createUpstreamClient(upstream)]),
  );
  const configs = new Map(config.upstreams.map((upstream) => [upstream.name, upstream]));
  ending.add(async () => {
    for (const client of clients.values()) await client.close();
  });
  const of = <Value>(map: ReadonlyMap<string, Value>, name: string): Value => {
    const value = map.get(name);
    if (value === undefined) throw new Error(`no upstream is named ${name}`);
    return value;
  };
  const upstreams = { client: (address: { readonly upstream: string }) => of(clients, address.upstream) };

  const limits = {
    ...defaultVettingLimits,
    concurrent: config.limits.concurrentVettings,
    queued: config.limits.queuedVettings,
    imageBytes: config.limits.imageBytes,
  };
  const layerLimits = {
    ...defaultLayerLimits,
    uncompressedBytes: config.limits.layerUnpackedBytes,
    entries: config.limits.layerEntries,
  };
  const runnerOf = (configOf: (upstream: string) => UpstreamConfig): LayerRunner => ({
    fetch: (address, layer) =>
      pool.fetchLayer({
        upstream: configOf(address.upstream),
        path: address.path,
        layer,
        store: paths.store,
        limits: layerLimits,
      }),
    analyse: (layer) => pool.analyseLayer({ layer, store: paths.store, limits: layerLimits }),
    assemble: (image) => pool.assemble(image),
  });
  const blobs: Blobs = { has: (digest) => store.has(digest), bytes: (digest) => store.bytes(digest) };
  const flights: LayerFlights = new OwnedFlights();
  const runner = runnerOf((name) => of(configs, name));
  const analysis = new Analysis({ records, upstreams, limits, blobs, runner, flights });
  const judge = new Judge({ records, analysis, matcher: advisories, policy, now, logger });
  const vetting = new Vetting({
    catalogue: (onNew) => new Catalogue({ records, upstreams, now, onNew }),
    analysis,
    judge,
    records,
    platforms: config.platforms,
    limits,
    logger,
  });

  const uploads = await startUploads({
    folder: paths.uploads,
    store,
    bytes: config.limits.uploadBytes,
    ending,
    now,
    logger,
  });
  const hosted = createHosted({ records, vetting, analysis, store, now, logger });

  const sweep = new Sweep({ records, judge, analyzers: ANALYZERS, logger });
  ending.add(() => sweep.stop());
  const watch = schedule(everyFiveSeconds, () => {
    if (!advisories.refresh()) return;
    vetting.advisoriesChanged();
    sweep.start();
    logger.info(
      { revision: advisories.revision(), problem: advisories.problem },
      'advisories changed: verdicts are made again from recorded inventories',
    );
  });
  ending.add(async () => {
    await watch.destroy();
  });

  const metrics = createMetrics({
    vettings: () => vetting.underWay,
    advisoriesAge: () => ageOf(advisories.updatedAt, now()),
    scans: () => harborAdapter?.load() ?? { waiting: 0, running: 0 },
  });
  let harborAdapter: HarborAdapter | null = null;

  const management = createServer(
    createManagement({
      records,
      logger,
      metrics: metrics.read,
      analyzers: ANALYZERS,
      status: () => ({
        version: readVersion(),
        ...readiness([stateLost, advisories.problem, loginProblem()]),
        advisories: { revision: advisories.revision(), updatedAt: advisories.updatedAt },
        policy: { name: policy.name, revision: policy.revision },
        vettings: vetting.underWay,
      }),
    }),
  );
  const managementAt = await ending.open(management, config.listen.management, 'management');

  const registry = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0 });
  const registryAt = await ending.open(registry, config.listen.registry, 'registry');
  const front = serveRegistryPort({
    server: registry,
    config,
    at: registryAt,
    managementAt,
    tokenKey: paths.tokenKey,
    clients,
    pushGate: {
      proposed: (...args) => vetting.proposed(...args),
      accept: (...args) => vetting.accept(...args),
      remove: async (address, digest) => {
        await hosted.deleteManifest(address, digest);
      },
    },
    parts: { gate: vetting, store, hosted, uploads, onAnswer: metrics.onAnswer },
    now,
    logger,
  });
  loginProblem = () => front.authorization.problem();
  ending.add(() => front.close());

  const webhook = await startWebhook({
    config,
    certificates: paths.certificates,
    gate: vetting,
    addressing: front.addressing,
    notReady: () => readiness([stateLost, advisories.problem]).notReady,
    onReview: metrics.onReview,
    ending,
    now,
    logger,
  });

  let harborAdapterAt: Listen | null = null;
  if (config.listen.harborAdapter !== null) {
    harborAdapter = await startHarborAdapter({
      config,
      policy,
      shared: {
        records,
        judge,
        matcher: advisories,
        runner: (upstream) => runnerOf(() => upstream),
        blobs,
        limits,
        flights,
        onHolder: (digest) => vetting.holdersChanged(digest),
      },
      jobs: records.scanJobs,
      advisoriesUpdatedAt: () => advisories.updatedAt,
      onScan: metrics.onScan,
      now,
      logger,
    });
    const { close: stopScans, server } = harborAdapter;
    ending.add(stopScans);
    harborAdapterAt = await ending.open(server, config.listen.harborAdapter, 'harborAdapter');
  }

  // The policy may be another one than at the last stop.
  if (advisories.revision() !== null) sweep.start();
  return {
    registry: registryAt,
    management: managementAt,
    webhook: webhook.at,
    harborAdapter: harborAdapterAt,
    webhookCa: webhook.caFile,
    advisories,
    policy,
    close: () => ending.close(),
  };
}

function readiness(problems: readonly (string | null)[]): {
  readonly ready: boolean;
  readonly notReady: readonly string[];
} {
  const notReady = problems.filter((reason) => reason !== null);
  return { ready: notReady.length === 0, notReady };
}

/** In seconds. */
function ageOf(updatedAt: string | null, now: number): number | null {
  return updatedAt === null ? null : Math.round((now - Date.parse(updatedAt)) / 1000);
}
