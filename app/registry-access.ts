import type { Registry } from 'prom-client';
import type { Logger } from '../core/ports/logger.ts';
import type { StateRecords } from '../db/state-client.ts';
import { type ClientAddresses, createClientAddresses } from '../proxy/client-address.ts';
import { Pullers } from '../vetting/pullers.ts';
import { type WatchedTokens, watchAccessTokens } from './access-tokens.ts';
import type { Config } from './config/config.ts';
import type { Ending } from './ending.ts';
import { type AccessMetrics, createAccessMetrics } from './metrics-access.ts';
import { createRegistryServers, type RegistryServers } from './registry-server.ts';

/** Who may come to the registry port, and how much he may set going there. */
export interface RegistryAccess {
  readonly addresses: ClientAddresses;
  readonly servers: RegistryServers;
  readonly pullers: Pullers;
  readonly tokens: WatchedTokens;
  /** Registers what is counted here; until then nothing is. */
  measure(registry: Registry): void;
}

/**
 * @throws PratiqueError `config-invalid` for a certificate that cannot be used, `data-unusable`
 */
export async function openRegistryAccess(parts: {
  readonly config: Config;
  readonly records: StateRecords;
  readonly ending: Ending;
  readonly now: () => number;
  readonly logger: Logger;
}): Promise<RegistryAccess> {
  const { config, records, ending, now, logger } = parts;
  let metrics: AccessMetrics | null = null;
  const addresses = createClientAddresses(config.listen.trustedProxies);
  const onConnectionRefused = (): void => metrics?.onConnectionRefused();
  const servers = createRegistryServers({ config, addresses, onConnectionRefused, ending, now, logger });
  const pullers = new Pullers({
    limits: config.limits.perPuller,
    now,
    onRefused: (limit) => metrics?.onPullerRefused(limit),
  });
  const tokens = await watchAccessTokens({ store: records, logger });
  ending.add(() => tokens.close());
  return {
    addresses,
    servers,
    pullers,
    tokens,
    measure: (registry) => {
      metrics = createAccessMetrics(registry, () => servers.endsAt());
    },
  };
}
