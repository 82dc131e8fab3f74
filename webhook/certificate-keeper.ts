import { errorText } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ServerCertificate } from './certificate.ts';

/** Where a webhook's own certificate comes from: files, or a Secret. */
export interface CertificateSource {
  /**
   * The certificate as it is now; made where it has to be.
   * @param publishedFor for how many milliseconds clusters have been seen to trust a bundle; null: nobody looks
   * @throws PratiqueError
   */
  ensure(publishedFor: (bundle: string) => number | null): Promise<ServerCertificate>;
  /** The authorities as they are now. @throws PratiqueError */
  bundle(): Promise<string>;
}

/** Milliseconds between two looks: clocks jump, Secrets are deleted, and other replicas renew. */
const betweenLooks = 30_000;

/** Keeps a running server's certificate what its source says. */
export interface CertificateKeeper {
  /** Told of what every webhook configuration was seen to trust, and how many webhooks had to be changed for it. */
  published(bundle: string, changed: number): void;
  close(): Promise<void>;
}

/**
 * Looks every half minute, and hands on what is new. What cannot be read or made changes nothing: the last good certificate
 * stays in force, and the log tells.
 * @param options `first`: what the server has begun with; `isPublished`: whether `published` is going to be called;
 *   `ticks`: milliseconds of a clock that nobody sets
 */
export function keepCertificate(options: {
  readonly source: CertificateSource;
  readonly first: ServerCertificate;
  readonly isPublished: boolean;
  readonly onRenewed: (certificate: ServerCertificate) => void;
  /** Clusters have to be told of other authorities. */
  readonly onBundle: () => void;
  readonly ticks: () => number;
  readonly logger: Logger;
  readonly every?: number;
}): CertificateKeeper {
  const { source, isPublished, onRenewed, onBundle, ticks, logger, every = betweenLooks } = options;
  let current = options.first;
  let seen: { readonly bundle: string; readonly since: number } | null = null;
  let problem: string | null = null;
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();

  const publishedFor = (bundle: string): number | null => {
    if (!isPublished) return null;
    return seen?.bundle === bundle ? ticks() - seen.since : 0;
  };
  const look = async (): Promise<void> => {
    try {
      const next = await source.ensure(publishedFor);
      problem = null;
      const [before, { expires, caFile, made }] = [current, next];
      current = next;
      if (next.cert !== before.cert || next.key !== before.key) {
        onRenewed(next);
        logger.info({ expires, made }, 'the webhook has a new certificate');
      }
      if (next.ca !== before.ca) {
        logger.warn(
          { made, caFile, told: isPublished },
          'the authorities of the webhook certificate are others; where webhook.register does not tell the cluster, it needs the caBundle again',
        );
        onBundle();
      }
    } catch (error) {
      // Told once, and not twice a minute.
      const text = errorText(error);
      if (text !== problem) {
        logger.error(
          { err: error },
          'the webhook certificate could not be looked after: the last one stays in force',
        );
      }
      problem = text;
    }
  };
  const plan = (): void => {
    timer = setTimeout(() => {
      running = look().finally(() => {
        if (!closed) plan();
      });
    }, every);
    timer.unref();
  };
  plan();
  return {
    published: (bundle, changed) => {
      if (changed > 0 || seen?.bundle !== bundle) seen = { bundle, since: ticks() };
    },
    close: async () => {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
