import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { schedule } from 'node-cron';
import type { Logger } from '../core/ports/logger.ts';
import { lockFolder } from '../db/lock.ts';
import { openRecords } from '../db/state-client.ts';
import { parsePolicy } from '../policy/parse.ts';
import type { Policy } from '../policy/policy.ts';
import { baselinePolicy } from '../policy/ready/baseline.ts';
import { createManagement } from '../proxy/management.ts';
import { openBlobStore } from '../registry/blob-store.ts';
import { defaultUploadLimits } from '../registry/uploads/port.ts';
import { openUploads } from '../registry/uploads/uploads.ts';
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
import { publishCaBundle } from '../webhook/ca-bundle.ts';
import { ensureCertificate } from '../webhook/certificate.ts';
import { loadKubeConfig } from '../webhook/kube-config.ts';
import { createWebhookServer } from '../webhook/server.ts';
import { CurrentAdvisories } from './advisories.ts';
import { renewCertificateDaily } from './certificate-renewal.ts';
import type { Config, Listen } from './config/config.ts';
import { type HarborAdapter, startHarborAdapter } from './harbor-adapter.ts';
import { listenOn } from './listen.ts';
import { createMetrics } from './metrics.ts';
import { dataPaths } from './paths.ts';
import { serveRegistryPort } from './registry-front.ts';
import { readVersion } from './version.ts';
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

/** Ends one part. */
type Closer = () => Promise<void> | void;

/** How often the advisory file is looked at for a swap by another process (`pratique advisories update`). */
const everyFiveSeconds = '*/5 * * * * *';
const everyMinute = '* * * * *';

export function loadPolicy(file: string | null): Policy {
  return file === null ? baselinePolicy() : parsePolicy(readFileSync(file, 'utf8'), file);
}

/**
 * The parts list: everything is made here, once, and handed to those who use it.
 * @throws PratiqueError `config-invalid`, `policy-invalid`, `data-locked`, `data-unusable`, `port-taken`
 */
export async function startServer(config: Config, logger: Logger): Promise<RunningServer> {
  const listeners: Closer[] = [];
  const closers: Closer[] = [];
  const attempt = async (closer: Closer): Promise<void> => {
    try {
      await closer();
    } catch (error) {
      logger.error({ err: error }, 'a part could not be closed; the others are');
    }
  };
  const close = async (): Promise<void> => {
    // Nothing new comes in while what stands behind the listeners is taken apart.
    await Promise.all(listeners.splice(0).map(attempt));
    for (const closer of closers.splice(0).reverse()) await attempt(closer);
  };
  try {
    return await start(config, logger, { listeners, closers, close });
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  config: Config,
  logger: Logger,
  ending: {
    readonly listeners: Closer[];
    readonly closers: Closer[];
    readonly close: () => Promise<void>;
  },
): Promise<RunningServer> {
  const { listeners, closers, close } = ending;
  const now = (): number => Date.now();
  const policy = loadPolicy(config.policyFile);
  const paths = dataPaths(config.data);
  mkdirSync(paths.root, { recursive: true, mode: 0o700 });
  closers.push(lockFolder(paths.lock));

  const store = openBlobStore(paths.store);
  await store.clearTemporary();
  let stateLost: string | null = null;
  let loginProblem = (): string | null => null;
  const records = await openRecords(paths.state, (error) => {
    stateLost = error.message;
    logger.error({ err: error }, 'the state database is gone: every gate is closed until a restart');
  });
  closers.push(() => records.close());
  const pool = createWorkerPool();
  closers.push(() => pool.close());
  await pool.warm();

  const advisories = new CurrentAdvisories(paths.advisories, pool);
  advisories.refresh();

  const clients = new Map(
    config.upstreams.map((upstream) => [upstream.name, createUpstreamClient(upstream)]),
  );
  const configs = new Map(config.upstreams.map((upstream) => [upstream.name, upstream]));
  closers.push(async () => {
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

  const uploads = await openUploads({
    folder: paths.uploads,
    store,
    limits: { ...defaultUploadLimits, bytes: config.limits.uploadBytes },
    now,
  });
  const hosted = createHosted({ records, vetting, analysis, store, now, logger });
  const expiry = schedule(everyMinute, () => {
    uploads.expire().then(
      (ended) => {
        if (ended > 0) logger.info({ ended }, 'uploads that nobody went on with were given up');
      },
      (error: unknown) => logger.error({ err: error }, 'old uploads could not be removed'),
    );
  });
  closers.push(async () => {
    await expiry.destroy();
  });

  const sweep = new Sweep({ records, judge, analyzers: ANALYZERS, logger });
  closers.push(() => sweep.stop());
  const watch = schedule(everyFiveSeconds, () => {
    if (!advisories.refresh()) return;
    vetting.advisoriesChanged();
    sweep.start();
    logger.info(
      { revision: advisories.revision(), problem: advisories.problem },
      'advisories changed: verdicts are made again from recorded inventories',
    );
  });
  closers.push(async () => {
    await watch.destroy();
  });

  const metrics = createMetrics({
    vettings: () => vetting.underWay,
    advisoriesAge: () => ageOf(advisories, now()),
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
        advisories: { revision: advisories.revision(), updatedAt: oldest(advisories) },
        policy: { name: policy.name, revision: policy.revision },
        vettings: vetting.underWay,
      }),
    }),
  );
  const managementAt = await open(management, config.listen.management, 'management', { listeners, logger });

  const registry = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0 });
  const registryAt = await open(registry, config.listen.registry, 'registry', { listeners, logger });
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
  const { addressing } = front;
  loginProblem = () => front.authorization.problem();
  closers.push(() => front.close());

  let webhookAt: Listen | null = null;
  let webhookCa: string | null = null;
  if (config.listen.webhook !== null) {
    const ensure = () => ensureCertificate({ folder: paths.certificates, names: webhookNames(config), now });
    const tls =
      config.webhook.tls === null
        ? await ensure()
        : { key: config.webhook.tls.key, cert: config.webhook.tls.certificate, ca: null, caFile: null };
    webhookCa = tls.caFile;
    const webhook = createWebhookServer({
      gate: vetting,
      addressing,
      logger,
      tls: { key: tls.key, cert: tls.cert },
      now,
      onReview: metrics.onReview,
      notReady: () => readiness([stateLost, advisories.problem]).notReady,
    });
    webhookAt = await open(webhook, config.listen.webhook, 'webhook', { listeners, logger });
    if (config.webhook.tls === null) {
      const renewal = renewCertificateDaily({ server: webhook, ensure, logger });
      closers.push(() => renewal.close());
    }
    const { register } = config.webhook;
    if (register !== null && tls.ca !== null) {
      const kubeConfig = await loadKubeConfig(register.kubeconfig);
      const { configuration } = register;
      const publishing = publishCaBundle({ kubeConfig, configuration, ca: tls.ca, logger });
      closers.push(() => publishing.close());
    }
  }

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
      advisoriesUpdatedAt: () => oldest(advisories),
      onScan: metrics.onScan,
      now,
      logger,
    });
    const { close: stopScans, server } = harborAdapter;
    closers.push(stopScans);
    harborAdapterAt = await open(server, config.listen.harborAdapter, 'harborAdapter', {
      listeners,
      logger,
    });
  }

  // The policy may be another one than at the last stop.
  if (advisories.revision() !== null) sweep.start();
  return {
    registry: registryAt,
    management: managementAt,
    webhook: webhookAt,
    harborAdapter: harborAdapterAt,
    webhookCa,
    advisories,
    policy,
    close,
  };
}

async function open(
  server: Server | HttpsServer,
  where: Listen | null,
  setting: string,
  { listeners, logger }: { readonly listeners: Closer[]; readonly logger: Logger },
): Promise<Listen | null> {
  if (where === null) return null;
  const at = await listenOn(server, where, setting);
  // Such as too many open files at an accept: it passes, and must not end the process.
  server.on('error', (error) => logger.error({ err: error, setting }, 'a listener failed'));
  listeners.push(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // Whoever still waits for a vetting after that asks again at the next instance.
        setTimeout(() => server.closeAllConnections(), 5000).unref();
      }),
  );
  return at;
}

function webhookNames(config: Config): string[] {
  return ['localhost', '127.0.0.1', 'pratique-webhook.pratique.svc', ...config.webhook.names];
}

function readiness(problems: readonly (string | null)[]): {
  readonly ready: boolean;
  readonly notReady: readonly string[];
} {
  const notReady = problems.filter((reason) => reason !== null);
  return { ready: notReady.length === 0, notReady };
}

function oldest(advisories: CurrentAdvisories): string | null {
  const times = advisories.feeds.map((feed) => feed.updatedAt).sort();
  return times[0] ?? null;
}

function ageOf(advisories: CurrentAdvisories, now: number): number | null {
  const updatedAt = oldest(advisories);
  return updatedAt === null ? null : Math.round((now - Date.parse(updatedAt)) / 1000);
}
