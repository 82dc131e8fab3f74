import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Registry } from 'prom-client';
import type { Digest } from '../core/digest.ts';
import type { Addressing } from '../core/ports/gate.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { RunningReport } from '../core/ports/sightings.ts';
import type { VerdictStore } from '../core/ports/verdicts.ts';
import type { Rulebook } from '../policy/bindings/rulebook.ts';
import { clusterAccess, serviceAccountFolder } from '../webhook/cluster/access.ts';
import type { ImageGate } from '../webhook/image-gate.ts';
import { type Running, startRunning } from '../webhook/running/running.ts';
import type { Config } from './config/config.ts';
import type { Ending } from './ending.ts';
import { addRunningMetrics } from './metrics-running.ts';

const leaseName = 'pratique-running';
/** Where the lease is, outside a cluster and where nothing is said. */
const usualNamespace = 'pratique';

export interface RunningParts {
  readonly config: Pick<Config, 'webhook' | 'cluster' | 'teamLabel'>;
  readonly gate: ImageGate;
  readonly addressing: Addressing;
  readonly rulebook: () => Rulebook;
  /** ISO 8601: since when a policy's verdict on an image has the status that it has; null: nobody knows. */
  readonly since: (digest: Digest, policy: string) => Promise<string | null>;
  /** Where it is told what runs. @throws where it was not taken */
  readonly tell: (report: RunningReport) => Promise<void>;
  readonly registers: Registry;
  readonly ending: Ending;
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * Looks after what runs in the cluster; null where nobody has asked for it.
 * @throws PratiqueError `config-invalid`
 */
export async function openRunning(parts: RunningParts): Promise<Running | null> {
  const { config, rulebook, registers, ending } = parts;
  const { running } = config.webhook;
  if (running === null) return null;
  const access = await clusterAccess({ file: running.kubeconfig, setting: 'webhook.running' });
  const started = startRunning({
    access,
    gate: parts.gate,
    addressing: parts.addressing,
    rulebook,
    policySet: () => rulebook().set,
    cluster: config.cluster,
    teamLabel: config.teamLabel,
    since: parts.since,
    tell: parts.tell,
    reports: running.reports,
    events: running.events,
    lease: {
      namespace: running.namespace ?? ownNamespace(running.kubeconfig),
      name: leaseName,
      identity: `${hostname()}_${randomBytes(4).toString('hex')}`,
    },
    now: parts.now,
    ticks: () => performance.now(),
    random: Math.random,
    logger: parts.logger,
  });
  ending.add(() => started.close());
  addRunningMetrics(registers, () => started.view(0));
  return started;
}

/** Inside a Pod its own. */
function ownNamespace(kubeconfig: string | null): string {
  const file = join(serviceAccountFolder, 'namespace');
  if (kubeconfig !== null || !existsSync(file)) return usualNamespace;
  const name = readFileSync(file, 'utf8').trim();
  return name === '' ? usualNamespace : name;
}

/** What the records of this process say of it. */
export function sinceIn(records: Pick<VerdictStore, 'verdictsOf'>): RunningParts['since'] {
  return async (digest, policy) => {
    const standing = await records.verdictsOf(digest);
    return standing.find((one) => one.policy === policy)?.since ?? null;
  };
}
