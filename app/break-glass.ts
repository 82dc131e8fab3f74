import type { Logger } from '../core/ports/logger.ts';
import { watchGlasses } from '../webhook/break-glass/watch.ts';
import { clusterAccess } from '../webhook/cluster/access.ts';
import { clusterClient } from '../webhook/cluster/client.ts';
import type { DoorOptions } from '../webhook/doors.ts';
import type { Config } from './config/config.ts';
import type { Ending } from './ending.ts';

/**
 * What the webhook needs for break-glasses; empty where nobody may break one.
 * @throws PratiqueError `config-invalid`
 */
export async function startBreakGlass(options: {
  readonly config: Pick<Config, 'webhook'>;
  readonly ending: Pick<Ending, 'add'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}): Promise<Pick<DoorOptions, 'breakGlass'>> {
  const { config, ending, now, logger } = options;
  const { breakGlass } = config.webhook;
  if (breakGlass === null) return {};
  const { rules, kubeconfig } = breakGlass;
  const access = await clusterAccess({ file: kubeconfig, setting: 'webhook.breakGlass' });
  const client = clusterClient(access);
  const watched = watchGlasses({ client, rules, now, ticks: () => performance.now(), logger });
  ending.add(() => watched.close());
  return { breakGlass: { rules, open: () => watched.open(), onAccepted: () => watched.poke() } };
}
