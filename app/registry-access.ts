import type { Registry } from 'prom-client';
import type { Logger } from '../core/ports/logger.ts';
import type { StateRecords } from '../db/state-client.ts';
import { type ClientAddresses, createClientAddresses } from '../proxy/client-address.ts';
import { Pullers } from '../vetting/pullers.ts';
import { type WatchedTokens, watchAccessTokens } from './access-tokens.ts';
import type { Config } from './config/config.ts';
import type { Ending } from './ending.ts';
import { createAccessMetrics } from './metrics-access.ts';
import { createRegistryServers, type RegistryServers } from './registry-server.ts';

/** Who may come to the registry port, and how much he may set going there. */
export interface RegistryAccess {
  readonly addresses: ClientAddresses;
  readonly servers: RegistryServers;
  readonly pullers: Pullers;
  readonly tokens: WatchedTokens;
}

/**
 * @throws PratiqueError `config-invalid` for a certificate that cannot be used, `data-unusable`
 */
export async function openRegistryAccess(parts: {
  readonly config: Config;
  readonly records: StateRecords;
  readonly registry: Registry;
  readonly ending: Ending;
  readonly now: () => number;
  readonly logger: Logger;
}): Promise<RegistryAccess> {
  const { config, records, registry, ending, now, logger } = parts;
  const addresses = createClientAddresses(config.listen.trustedProxies);
  const { onConnectionRefused, onPullerRefused } = createAccessMetrics(registry, () => servers.endsAt());
  const servers = createRegistryServers({ config, addresses, onConnectionRefused, ending, now, logger });
  const pullers = new Pullers({
    limits: config.limits.perPuller,
    now,
    onRefused: onPullerRefused,
  });
  const tokens = await watchAccessTokens({ store: records, logger });
  ending.add(() => tokens.close());
  return { addresses, servers, pullers, tokens };
}
