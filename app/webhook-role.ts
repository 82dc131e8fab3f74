import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { PratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import { lockFolder } from '../db/lock.ts';
import { openReplica } from '../db/replica.ts';
import { createAddressing } from '../registry/addressing.ts';
import { createProxyClient } from '../webhook/replica/client.ts';
import { EventOutbox } from '../webhook/replica/outbox.ts';
import { createReplica, type Replica } from '../webhook/replica/replica.ts';
import { tellRunning } from '../webhook/replica/tell-running.ts';
import type { Running } from '../webhook/running/running.ts';
import type { Config, Listen } from './config/config.ts';
import { Ending } from './ending.ts';
import { createDecisionMetrics } from './metrics-decisions.ts';
import { createReplicaMetrics } from './metrics-replica.ts';
import { tellOverruled } from './overruled.ts';
import { dataPaths } from './paths.ts';
import { proxyCredentials } from './proxy-credentials.ts';
import { openRunning } from './running.ts';
import { readVersion } from './version.ts';
import { webhookManagement } from './webhook-management.ts';
import { startWebhook } from './webhook-port.ts';

/** A webhook that runs on its own: where it listens, and how to end it. */
export interface RunningWebhook {
  readonly webhook: Listen | null;
  readonly management: Listen | null;
  /** PEM file of the authority that signed its certificate; null when the operator brought one. */
  readonly webhookCa: string | null;
  readonly proxy: string;
  readonly replica: Pick<Replica, 'status' | 'notReady'>;
  close(): Promise<void>;
}

/**
 * The parts list of `serve --roles webhook`: the webhook with what it knows on its own disk. Nothing here scans, matches or
 * proxies, and nothing of that is loaded: it has to be small, and up before the cluster is.
 * @throws PratiqueError `config-invalid`, `data-locked`, `data-unusable`, `port-taken`
 */
export async function startWebhookRole(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  logger: Logger,
  now: () => number,
): Promise<RunningWebhook> {
  const ending = new Ending(logger, config.shutdownDelay);
  try {
    return await start(config, env, logger, now, ending);
  } catch (error) {
    await ending.close();
    throw error;
  }
}

async function start(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  logger: Logger,
  now: () => number,
  ending: Ending,
): Promise<RunningWebhook> {
  const { proxy } = config.webhook;
  if (proxy === null) {
    throw new PratiqueError(
      'config-invalid',
      'webhook.proxy: found nothing, allowed with --roles webhook: say which proxy it follows (url, ca, and a token or a certificate)',
      { setting: 'webhook.proxy' },
    );
  }
  const paths = dataPaths(config.data);
  mkdirSync(paths.root, { recursive: true, mode: 0o700 });
  ending.add(lockFolder(paths.lock));

  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const decided = createDecisionMetrics(registry);
  const counted = createReplicaMetrics(
    registry,
    () => replica?.status() ?? null,
    () => outbox ?? null,
  );
  const store = openReplica({ file: paths.replica, proxy: proxy.url.href, logger });
  const client = createProxyClient(proxy.url, proxyCredentials(proxy, env, logger), hostname());
  const replica: Replica | null = createReplica({
    ...{
      store,
      client,
      now,
      logger,
      random: Math.random,
      tagsFor: proxy.tagsFor,
      onAnswer: counted.onAnswer,
    },
    makeAddressing: ({ upstreams, publicNames, boundNames }) =>
      createAddressing({
        upstreams: upstreams.map(({ name, namespace, url }) => ({
          ...{ name, namespace },
          ...(url === null ? {} : { url }),
        })),
        publicNames,
        boundNames: new Map(Object.entries(boundNames)),
      }),
  });
  ending.add(() => replica.close());
  const outbox: EventOutbox | null = new EventOutbox({ client, contact: replica.contact, logger });
  ending.add(() => outbox.close());

  let running: Running | null = null;
  let certificate: () => string | null = () => null;
  const management = webhookManagement({
    status: () => {
      const notReady = [
        ...replica.notReady(),
        ...[certificate(), ending.problem].filter((one) => one !== null),
      ];
      return { ready: notReady.length === 0, notReady, replica: replica.status() };
    },
    running: (limit) => running?.view(limit) ?? null,
    version: readVersion(),
    metrics: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    logger,
  });
  const managementAt = await ending.open(management, config.listen.management, 'management');
  replica.start();
  const webhook = await startWebhook({
    config,
    certificates: paths.certificates,
    gate: replica.gate,
    addressing: replica.addressing,
    rulebook: replica.rulebook,
    onDecision: (decision) => {
      decided.onDecision('admission', decision);
      tellOverruled(logger, 'admission', decision.resolved, null, decision);
    },
    onAdmitted: () => undefined,
    onRefused: (event) => outbox.add(event),
    notReady: replica.notReady,
    troubles: () => replica.status().problems,
    onReview: decided.onReview,
    registers: registry,
    ending,
    now,
    logger,
  });
  certificate = webhook.problem;
  running = await openRunning({
    ...{ config, registers: registry, ending, now, logger },
    gate: replica.gate,
    addressing: replica.addressing,
    rulebook: replica.rulebook,
    since: (digest, policy) => Promise.resolve(store.verdict(digest, policy)?.since ?? null),
    tell: (report) => tellRunning(client, report),
  });
  return {
    webhook: webhook.at,
    management: managementAt,
    webhookCa: webhook.caFile,
    proxy: proxy.url.origin,
    replica,
    close: () => ending.close({ drain: true }),
  };
}
