import type { Server } from 'node:net';
import { PratiqueError } from '../core/errors.ts';
import type { Listen } from './config/config.ts';

/**
 * Starts listening. Port 0 takes a free one; what it became is returned.
 * @throws PratiqueError `port-taken`, which names the setting to change
 */
export async function listenOn(server: Server, where: Listen, setting: string): Promise<Listen> {
  const name = setting.includes('.listen') ? setting : `listen.${setting}`;
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const place = `${where.host}:${where.port}`;
      reject(
        error.code === 'EADDRINUSE'
          ? new PratiqueError(
              'port-taken',
              `${place} is taken by another program: stop it, or set ${name} to another port`,
              { setting, host: where.host, port: where.port },
              error,
            )
          : new PratiqueError(
              'config-invalid',
              `cannot listen on ${place} (${name}): ${error.message}`,
              { setting, host: where.host, port: where.port },
              error,
            ),
      );
    };
    server.once('error', failed);
    server.listen(where.port, where.host, () => {
      server.off('error', failed);
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : where.port;
  return { host: where.host, port };
}

export function formatListen(where: Listen): string {
  return `${where.host.includes(':') ? `[${where.host}]` : where.host}:${where.port}`;
}
