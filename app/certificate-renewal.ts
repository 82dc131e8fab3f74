import type { Server } from 'node:https';
import { schedule } from 'node-cron';
import type { Logger } from '../core/ports/logger.ts';
import type { ServerCertificate } from '../webhook/certificate.ts';

/** A certificate is looked at once a day; it is made anew when it has less than a month left. */
const daily = '23 4 * * *';

/** Keeps a running webhook's own certificate valid without a restart. */
export function renewCertificateDaily(options: {
  readonly server: Server;
  readonly ensure: () => Promise<ServerCertificate>;
  readonly logger: Logger;
}): { close(): Promise<void> } {
  const { server, ensure, logger } = options;
  const renew = async (): Promise<void> => {
    try {
      const { key, cert, made, caFile } = await ensure();
      if (made === 'nothing') return;
      server.setSecureContext({ key, cert });
      logger.warn(
        { made, caFile },
        'the webhook has a new certificate; after a new authority the cluster needs its caBundle again',
      );
    } catch (error) {
      logger.error({ err: error }, 'the webhook certificate could not be renewed');
    }
  };
  const task = schedule(daily, renew);
  return {
    close: async () => {
      await task.destroy();
    },
  };
}
