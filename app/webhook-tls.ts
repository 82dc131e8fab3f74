import type { Server } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { isPratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import { publishCaBundle } from '../webhook/ca-bundle.ts';
import { ensureCertificate, type ServerCertificate } from '../webhook/certificate.ts';
import { type CertificateSource, keepCertificate } from '../webhook/certificate-keeper.ts';
import { clusterAccess } from '../webhook/cluster/access.ts';
import { clusterClient } from '../webhook/cluster/client.ts';
import { SharedCertificate } from '../webhook/shared-certificate.ts';
import type { Config } from './config/config.ts';
import type { Ending } from './ending.ts';
import { type TlsFiles, watchKeyPair } from './tls-files.ts';

/** What the webhook shows its clients, and how it stays current. */
export interface WebhookTls {
  /** PEM. */
  readonly pair: { readonly cert: string; readonly key: string };
  /** PEM file of the authority; null: it lies in no file of ours. */
  readonly caFile: string | null;
  /** When the certificate that is shown ends, milliseconds since 1970. */
  endsAt(): number;
  /** A sentence where nobody can trust the certificate any more. */
  problem(): string | null;
  /** Keeps the server's certificate current, and clusters told of its authority. */
  follow(server: Server): Promise<void>;
}

interface Parts {
  readonly config: Config;
  /** Folder of its own authority and certificate. */
  readonly certificates: string;
  readonly ending: Ending;
  readonly now: () => number;
  readonly logger: Logger;
}

/** Milliseconds in which the API server has to be there at a start, and between two tries. */
const startWithin = 120_000;
const betweenTries = 2000;

/**
 * The webhook's certificate: of files that somebody else renews, of a Secret that replicas share, or of a folder.
 * @throws PratiqueError `config-invalid`, `data-unusable`, `upstream-…`
 */
export async function openWebhookTls(parts: Parts): Promise<WebhookTls> {
  const { tls } = parts.config.webhook;
  return tls === null ? await ownMade(parts) : ofFiles(tls, parts);
}

function ofFiles(files: TlsFiles, { ending, now, logger }: Parts): WebhookTls {
  let server: Server | null = null;
  const watched = watchKeyPair({
    files,
    setting: 'webhook.certificate',
    onRenewed: ({ cert, key }) => server?.setSecureContext({ cert, key }),
    now,
    logger,
  });
  ending.add(() => watched.close());
  return {
    pair: watched.pair,
    caFile: null,
    // A renewal that cannot be used is told by the log; what is in force is good for as long as it lasts.
    problem: () =>
      ended(watched.pair.endsAt, now(), 'renew the files of webhook.certificate and webhook.key'),
    endsAt: () => watched.pair.endsAt,
    follow: (running) => {
      server = running;
      // It may have changed since the server was made.
      const { cert, key } = watched.pair;
      running.setSecureContext({ cert, key });
      return Promise.resolve();
    },
  };
}

async function ownMade(parts: Parts): Promise<WebhookTls> {
  const { config, ending, now, logger } = parts;
  const { register } = config.webhook;
  const source = await sourceOf(parts);
  const first = await firstOf(source, logger);
  let current: ServerCertificate = first;
  return {
    pair: first,
    caFile: first.caFile,
    problem: () =>
      ended(Date.parse(current.expires), now(), 'it is made anew by itself; why that fails is in the log'),
    endsAt: () => Date.parse(current.expires),
    follow: async (server) => {
      let poke = (): void => undefined;
      const keeper = keepCertificate({
        source,
        first,
        isPublished: register !== null,
        onRenewed: (next) => {
          current = next;
          server.setSecureContext({ cert: next.cert, key: next.key });
        },
        onBundle: () => poke(),
        ticks: () => performance.now(),
        logger,
      });
      ending.add(() => keeper.close());
      if (register === null) return;
      const access = await clusterAccess({ file: register.kubeconfig, setting: 'webhook.register' });
      const publishing = publishCaBundle({
        client: clusterClient(access),
        configuration: register.configuration,
        further: config.webhook.breakGlass === null ? [] : [`${register.configuration}-break-glass`],
        ca: () => source.bundle(),
        onPublished: keeper.published,
        logger,
      });
      poke = () => publishing.poke();
      ending.add(() => publishing.close());
    },
  };
}

async function sourceOf({ config, certificates, now, logger }: Parts): Promise<CertificateSource> {
  const names = ['localhost', '127.0.0.1', 'pratique-webhook.pratique.svc', ...config.webhook.names];
  const { secret } = config.webhook;
  if (secret !== null) {
    const access = await clusterAccess({ file: secret.kubeconfig, setting: 'webhook.secret' });
    return new SharedCertificate({ client: clusterClient(access), secret, names, now, logger });
  }
  let last = '';
  return {
    ensure: async (publishedFor) => {
      const made = await ensureCertificate({ folder: certificates, names, now, publishedFor });
      last = made.ca;
      return made;
    },
    bundle: () => Promise.resolve(last),
  };
}

/** After a full outage Pods may be started before the API server is there: that is no reason to give up at once. */
async function firstOf(source: CertificateSource, logger: Logger): Promise<ServerCertificate> {
  const end = performance.now() + startWithin;
  for (;;) {
    try {
      return await source.ensure(() => null);
    } catch (error) {
      if (!isPratiqueError(error) || !error.transient || performance.now() > end) throw error;
      logger.warn({ err: error }, "the webhook's certificate cannot be had yet: tried again");
      await pause(betweenTries, undefined, { ref: false });
    }
  }
}

function ended(at: number, now: number, todo: string): string | null {
  if (at > now) return null;
  return `the webhook's certificate has ended ${new Date(at).toISOString()}, so no API server trusts it: ${todo}`;
}
