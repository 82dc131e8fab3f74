import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Logger } from '../core/ports/logger.ts';
import type { ClientAddresses } from '../proxy/client-address.ts';
import { createBoundedServer } from './bounded-server.ts';
import type { Config } from './config/config.ts';
import type { Ending } from './ending.ts';
import { watchKeyPair } from './tls-files.ts';

/** Makes the servers on which the registry API is asked. */
export interface RegistryServers {
  readonly tls: boolean;
  /** Not listening yet; speaks TLS where the configuration says so, with whatever certificate is the newest. */
  make(): Server | TlsServer;
  /** Why the certificate is not what it should be; null: all is well. */
  problem(): string | null;
  /** When the certificate ends, milliseconds since 1970; null: there is none. */
  endsAt(): number | null;
}

/**
 * @throws PratiqueError `config-invalid` for a certificate that cannot be used
 */
export function createRegistryServers(parts: {
  readonly config: Config;
  readonly addresses: ClientAddresses;
  readonly onConnectionRefused: () => void;
  readonly ending: Ending;
  readonly now: () => number;
  readonly logger: Logger;
}): RegistryServers {
  const { config, addresses, ending, now, logger } = parts;
  const { registryTls: files } = config.listen;
  const made: (Server | TlsServer)[] = [];
  const watched =
    files === null
      ? null
      : watchKeyPair({
          files,
          setting: 'listen.registryTls',
          onRenewed: ({ cert, key }) => {
            for (const server of made) {
              // Replaces what it was made with as a whole, so the oldest version is said again.
              if (server instanceof TlsServer) server.setSecureContext({ cert, key, minVersion: 'TLSv1.2' });
            }
          },
          now,
          logger,
        });
  if (watched !== null) ending.add(() => watched.close());
  const { connections, connectionsPerAddress } = config.limits;
  return {
    tls: watched !== null,
    make() {
      const bounds = {
        all: connections,
        perAddress: connectionsPerAddress,
        isTrusted: (address: string) => addresses.isTrusted(address),
        onRefused: parts.onConnectionRefused,
      };
      const server = createBoundedServer(watched?.pair ?? null, bounds, logger);
      made.push(server);
      return server;
    },
    problem: () => watched?.problem() ?? null,
    endsAt: () => watched?.pair.endsAt ?? null,
  };
}
