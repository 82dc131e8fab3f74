import type { Logger } from '../../core/ports/logger.ts';
import type { Config } from '../config/config.ts';
import type { ConfigSources } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { formatListen } from '../listen.ts';
import { readVersion } from '../version.ts';
import { startWebhookRole } from '../webhook-role.ts';
import { makeDataFolder } from './data-folder.ts';

/**
 * `pratique serve --roles webhook`: runs until it is told to stop.
 * @param stopped resolves with the reason to stop
 * @throws PratiqueError `config-invalid`, `port-taken`, `data-locked`, `data-unusable`
 */
export async function serveWebhook(
  options: { readonly config: Config; readonly env: ConfigSources['env']; readonly now: () => number },
  logger: Logger,
  console: Console,
  stopped: Promise<string>,
): Promise<number> {
  const { config, env, now } = options;
  makeDataFolder(config.data);
  const server = await startWebhookRole(config, env, logger, now);
  try {
    const { webhook, management, webhookCa, proxy, replica } = server;
    const { complete, heardAt, held } = replica.status();
    const facts = {
      ...{ version: readVersion(), data: config.data, roles: ['webhook'], proxy },
      webhook: webhook === null ? null : formatListen(webhook),
      management: management === null ? null : formatListen(management),
      ...{ webhookCa, replica: { complete, heardAt, verdicts: held.verdicts } },
    };
    logger.info(facts, 'pratique is listening');
    if (console.interactive) {
      console.err(
        [
          `pratique ${facts.version}, the webhook alone, data in ${facts.data}`,
          `  webhook     ${facts.webhook === null ? 'off' : `https://${facts.webhook}/validate`}`,
          `  management  ${facts.management === null ? 'off' : `http://${facts.management}/readyz`}`,
          `  proxy       ${proxy}, ${heardAt === null ? 'not heard yet' : `last heard ${heardAt}`}`,
        ].join('\n'),
      );
    }
    const reason = await stopped;
    logger.info({ reason }, 'pratique stops');
  } finally {
    await server.close();
  }
  return exitCodes.ok;
}
