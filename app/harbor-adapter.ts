import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { createTask } from 'node-cron';
import { errorText, PratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ScanJobs } from '../core/ports/scan-jobs.ts';
import { defaultScanLimits, type ScanEngineOptions } from '../harbor-adapter/engine-options.ts';
import { ScanEngine } from '../harbor-adapter/jobs.ts';
import type { AdvisoriesAge } from '../harbor-adapter/metadata.ts';
import { createHarborAdapter } from '../harbor-adapter/server.ts';
import { after } from '../harbor-adapter/timer.ts';
import type { Rulebook } from '../policy/bindings/rulebook.ts';
import { ClientCache } from '../registry/upstream/client-cache.ts';
import { RegistryScans, type RegistryScansOptions } from '../vetting/registry-scans.ts';
import type { Config } from './config/config.ts';
import { readVersion } from './version.ts';

/**
 * Connections that Harbor keeps stay open for longer than it ever waits between two polls: one that is closed in the
 * moment of a request fails the scan. Milliseconds.
 */
const keepAlive = 10 * 60_000;

export interface HarborAdapter {
  /** Not listening yet. */
  readonly server: Server | TlsServer;
  readonly load: () => { readonly waiting: number; readonly running: number };
  /** Scans that are not finished are taken up at the next start. */
  close(): Promise<void>;
}

/** What scans share with the gates. */
export type SharedParts = Pick<
  RegistryScansOptions,
  'records' | 'judge' | 'matcher' | 'runner' | 'blobs' | 'limits' | 'flights' | 'onHolder' | 'attached'
>;

/**
 * Harbor's scanner adapter with all that stands behind it; takes up the scans that the last run left.
 * @throws PratiqueError `config-invalid`
 */
export async function startHarborAdapter(options: {
  readonly config: Config;
  /** The one in force. */
  readonly rulebook: () => Rulebook;
  readonly shared: SharedParts;
  readonly jobs: ScanJobs;
  /** ISO 8601; null: no advisories. */
  readonly advisoriesUpdatedAt: () => string | null;
  readonly onScan: NonNullable<ScanEngineOptions['onFinished']>;
  readonly now: () => number;
  readonly logger: Logger;
}): Promise<HarborAdapter> {
  const { config, rulebook, shared, now, logger } = options;
  const { auth, tls, sbom, uncovered, registryAuthorization, deadline, concurrency, registries } =
    config.harborAdapter;
  const clients = new ClientCache();
  const scanner = { name: 'Pratique', vendor: 'Pratique', version: readVersion() };
  const scans = new RegistryScans({
    ...shared,
    registries,
    clients,
    rulebook,
    now,
    program: scanner.version,
    settings: config.scanner.settings,
    limits: { ...shared.limits, concurrent: concurrency },
  });
  const engine = new ScanEngine({
    scans,
    jobs: options.jobs,
    scanner,
    limits: { ...defaultScanLimits, concurrency, deadline },
    uncleared: uncovered,
    logger,
    now,
    newId: randomUUID,
    after,
    onFinished: options.onScan,
  });
  const nextUpdate = nextRunOf(config.advisories.schedule);
  const app = createHarborAdapter({
    engine,
    scanner,
    sbom,
    authentication: auth,
    registries: registries.hosts,
    registryAuthorization,
    advisories: (): AdvisoriesAge => ({
      updatedAt: options.advisoriesUpdatedAt(),
      nextUpdateAt: nextUpdate.at(),
    }),
    properties: () => {
      const { name, revision } = rulebook().set;
      return { 'env.PRATIQUE_POLICY': `${name}, revision ${revision}` };
    },
    logger,
  });
  const server = tls === null ? createServer(app) : tlsServer(tls, app);
  server.keepAliveTimeout = keepAlive;
  await engine.start();
  return {
    server,
    load: () => engine.load,
    close: async () => {
      engine.stop();
      await nextUpdate.close();
      await clients.close();
    },
  };
}

function tlsServer(
  { certificate, key }: { readonly certificate: string; readonly key: string },
  app: RequestListener,
): TlsServer {
  try {
    return createTlsServer({ cert: certificate, key }, app);
  } catch (error) {
    throw new PratiqueError(
      'config-invalid',
      `harborAdapter.tls: the certificate and the key cannot be used: ${errorText(error)}`,
      {},
      error,
    );
  }
}

/** When the schedule of updates comes round again; nothing is run here. */
function nextRunOf(schedule: string | null): {
  readonly at: () => string | null;
  readonly close: () => Promise<void>;
} {
  if (schedule === null) return { at: () => null, close: () => Promise.resolve() };
  const task = createTask(schedule, () => undefined);
  return {
    at: () => task.getNextRuns(1)[0]?.toISOString() ?? null,
    close: async () => {
      await task.destroy();
    },
  };
}
