import { Gauge, type Registry } from 'prom-client';
import type { PratiqueEvent } from '../core/event.ts';
import type { Addressing } from '../core/ports/gate.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ClientAuthority } from '../webhook/client-certificates.ts';
import { clusterAccess } from '../webhook/cluster/access.ts';
import { clusterClient } from '../webhook/cluster/client.ts';
import type { ImageGate } from '../webhook/image-gate.ts';
import { kindsWith } from '../webhook/kinds.ts';
import { type NamespaceLabels, readNamespaceLabels } from '../webhook/namespaces.ts';
import { createWebhookServer, type WebhookOptions } from '../webhook/server.ts';
import { startBreakGlass } from './break-glass.ts';
import { watchClientAuthority } from './client-authority.ts';
import type { Config, Listen } from './config/config.ts';
import type { Ending } from './ending.ts';
import { openWebhookTls } from './webhook-tls.ts';

/** Where the webhook listens, and the PEM file of its authority; null when the operator brought a certificate. */
export interface WebhookPort {
  readonly at: Listen | null;
  readonly caFile: string | null;
  /** A sentence where nobody can trust its certificate any more; null: all is well, or it does not listen. */
  readonly problem: () => string | null;
}

/** Milliseconds; a review that is under way is answered, and the API server waits for 15 s as it is installed. */
const reviewsEnd = 20_000;

/**
 * The admission webhook with its certificate, which is renewed, and published where the configuration asks for it.
 * @throws PratiqueError `config-invalid`, `data-unusable`, `port-taken`
 */
export async function startWebhook(options: {
  readonly config: Config;
  /** Folder of its own authority and certificate. */
  readonly certificates: string;
  readonly gate: ImageGate;
  readonly addressing: Addressing;
  /** The policy set in force. */
  readonly rulebook: WebhookOptions['rulebook'];
  readonly onDecision: NonNullable<WebhookOptions['onDecision']>;
  /** Told of what was let in, and of what was refused; neither may throw. */
  readonly onAdmitted: NonNullable<WebhookOptions['onAdmitted']>;
  readonly onRefused: (event: PratiqueEvent) => void;
  readonly notReady: NonNullable<WebhookOptions['notReady']>;
  readonly troubles?: WebhookOptions['troubles'];
  readonly onReview: NonNullable<WebhookOptions['onReview']>;
  readonly registers: Registry;
  readonly ending: Ending;
  readonly now: () => number;
  readonly logger: Logger;
}): Promise<WebhookPort> {
  const { config, certificates, ending, now, logger } = options;
  if (config.listen.webhook === null) return { at: null, caFile: null, problem: () => null };
  const tls = await openWebhookTls({ config, certificates, ending, now, logger });
  const namespaces = await namespacesOf(config, logger);
  if (namespaces !== null) ending.add(() => Promise.resolve(namespaces.close()));
  const server = createWebhookServer({
    gate: options.gate,
    addressing: options.addressing,
    kinds: kindsWith(config.webhook.kinds),
    mutate: config.webhook.mutate,
    rulebook: options.rulebook,
    cluster: config.cluster,
    imagePolicy: config.webhook.imagePolicy,
    ...clientsOf(config, ending, now, logger),
    namespaces,
    teamLabel: config.teamLabel,
    logger,
    tls: { key: tls.pair.key, cert: tls.pair.cert },
    now,
    ticks: () => performance.now(),
    ...(await startBreakGlass({ config, ending, now, logger })),
    onReview: options.onReview,
    onDecision: options.onDecision,
    onAdmitted: options.onAdmitted,
    onRefused: options.onRefused,
    ...(options.troubles === undefined ? {} : { troubles: options.troubles }),
    notReady: () => {
      const problem = tls.problem();
      return [...options.notReady(), ...[problem, ending.problem].filter((one) => one !== null)];
    },
  });
  const at = await ending.open(server, config.listen.webhook, 'webhook', reviewsEnd);
  await tls.follow(server);
  addCertificateMetric(options.registers, tls.endsAt);
  const problem = tls.problem();
  if (problem !== null) logger.error({ why: problem }, 'every review will fail: the certificate has ended');
  return { at, caFile: tls.caFile, problem: tls.problem };
}

/** @param endsAt milliseconds since 1970 */
function addCertificateMetric(registry: Registry, endsAt: () => number): void {
  new Gauge({
    name: 'pratique_webhook_certificate_end_seconds',
    help: "When the webhook's certificate ends, seconds since 1970",
    registers: [registry],
    collect() {
      this.set(Math.round(endsAt() / 1000));
    },
  });
}

/** Whose certificates are asked for, by files that may change. @throws PratiqueError `config-invalid` */
function clientsOf(
  { webhook: { clients, gatekeeper } }: Config,
  ending: Ending,
  now: () => number,
  logger: Logger,
): Pick<WebhookOptions, 'clients' | 'gatekeeper'> {
  const watch = (setting: string, file: string, names: readonly string[] | null): ClientAuthority =>
    watchClientAuthority({ file, setting, names, ending, now, logger });
  return {
    clients: clients === null ? null : watch('webhook.clientCa', clients.ca, clients.names),
    gatekeeper:
      gatekeeper === null
        ? null
        : {
            within: gatekeeper.within,
            clients:
              gatekeeper.clientCa === null
                ? null
                : watch('webhook.gatekeeper.clientCa', gatekeeper.clientCa, null),
          },
  };
}

async function namespacesOf(config: Config, logger: Logger): Promise<NamespaceLabels | null> {
  const { namespaces } = config.webhook;
  if (namespaces === null) return null;
  const access = await clusterAccess({ file: namespaces.file, setting: 'webhook.kubeconfig' });
  return readNamespaceLabels({ client: clusterClient(access), logger });
}
