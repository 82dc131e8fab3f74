import { existsSync } from 'node:fs';
import type { Logger } from '../../core/ports/logger.ts';
import { AdvisoryHistory } from '../../db/advisories-history.ts';
import type { Config } from '../config/config.ts';
import type { ConfigSources } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { readPolicySet } from '../policy/read.ts';
import { checkPrefetch } from '../prefetch.ts';
import { serveFacts, serveText } from '../report/serve-report.ts';
import { checkSchedule, type ScheduledUpdates, scheduleUpdates } from '../scheduled-updates.ts';
import { startServer } from '../server.ts';
import { readVersion } from '../version.ts';
import { makeDataFolder } from './data-folder.ts';

/**
 * `pratique serve` with the proxy in it: runs until it is told to stop.
 * @param stopped resolves with the reason to stop
 * @throws PratiqueError `config-invalid`, `policy-invalid`, `port-taken`, `data-locked`, `data-unusable`
 */
export async function serveAll(
  options: { readonly config: Config; readonly sources: ConfigSources; readonly now: () => number },
  logger: Logger,
  console: Console,
  stopped: Promise<string>,
): Promise<number> {
  const { config, sources, now } = options;
  // Later there is a last good policy that stays in force; at the first start a wrong one stops everything.
  if (!existsSync(dataPaths(config.data).state)) readPolicySet(config.policyFile);
  const { schedule, jitter, rematch } = config.advisories;
  if (schedule !== null) checkSchedule(schedule);
  if (rematch !== null) checkSchedule(rematch, 'advisories.rematch');
  checkPrefetch(config.prefetch);
  if (config.cache.schedule !== null) checkSchedule(config.cache.schedule, 'cache.schedule');
  makeDataFolder(config.data);
  const server = await startServer(config, logger, now);
  let updates: ScheduledUpdates | null = null;
  try {
    const facts = serveFacts(server, config, readVersion());
    logger.info(facts, 'pratique is listening');
    if (console.interactive) console.err(serveText(facts, Date.now()));
    if (schedule !== null) {
      const history = new AdvisoryHistory(dataPaths(config.data).advisories);
      updates = scheduleUpdates({
        expression: schedule,
        sources,
        logger,
        jitter,
        random: Math.random,
        hold: () => history.hold(),
        onEnded: (problem) => server.advisories.updateEnded(problem, new Date(now())),
      });
      // Whoever wants them kept up to date does not want to wait for the first ones.
      if (facts.advisories.revision === null) updates.start();
    }
    const reason = await stopped;
    logger.info({ reason }, 'pratique stops');
  } finally {
    await updates?.close();
    await server.close();
  }
  return exitCodes.ok;
}
