import { givenKeys, withoutEffect } from '../config/effect.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import type { Console } from '../console.ts';
import { letHeapGrow } from '../heap.ts';
import { openLog } from '../log.ts';
import { isWebhookAlone, ofRoles, parseRoles } from '../roles.ts';

/** Loaded when they are called for: a webhook alone has to be small. */
const commands = {
  all: () => import('./serve-all.ts'),
  webhook: () => import('./serve-webhook.ts'),
};

export interface ServeOptions {
  readonly sources: ConfigSources;
  /** Names of what is to run, with commas between them; null or left out: all. */
  readonly roles?: string | null;
  /** Where log lines go; standard output if left out. */
  readonly log?: (line: string) => void;
  /** Milliseconds since 1970; the machine's clock if left out. */
  readonly now?: () => number;
}

/**
 * `pratique serve`: runs until it is told to stop.
 * @param stopped resolves with the reason to stop
 * @throws PratiqueError `usage-invalid`, `config-invalid`, `policy-invalid`, `port-taken`, `data-locked`, `data-unusable`
 */
export async function serve(
  options: ServeOptions,
  console: Console,
  stopped: Promise<string>,
): Promise<number> {
  const roles = parseRoles(options.roles ?? null);
  if (roles.has('webhook')) letHeapGrow();
  const { sources, now = Date.now } = options;
  const config = ofRoles(loadConfig(sources), roles);
  const logger = openLog(config.logLevel, options.log);
  const idle = withoutEffect(givenKeys(sources.file), roles);
  if (idle.length > 0) {
    logger.warn({ settings: idle, roles: [...roles] }, 'settings have no effect in a process of these roles');
  }
  if (isWebhookAlone(roles)) {
    const { serveWebhook } = await commands.webhook();
    return serveWebhook({ config, env: sources.env, now }, logger, console, stopped);
  }
  const { serveAll } = await commands.all();
  return serveAll({ config, sources, now }, logger, console, stopped);
}
