import { PratiqueError } from '../../core/errors.ts';
import { isOurs, managerOf, removeConfiguration } from '../../webhook/install/state.ts';
import { type Console, exitCodes } from '../console.ts';
import type { Environment } from '../harbor/connection.ts';
import { type ClusterFlags, realWebhookTools, type WebhookTools } from './webhook-tools.ts';

export interface UninstallFlags extends ClusterFlags {
  readonly takeOver?: true;
}

/** The one that can stand in the way of others goes first. */
const kinds = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const;

/**
 * `pratique webhook uninstall`: from then on the API server asks nobody. What others have installed stays.
 * @returns the exit code: 0, also where nothing was there
 * @throws PratiqueError `config-invalid`, `upstream-…`
 */
export async function webhookUninstall(
  flags: UninstallFlags,
  env: Environment,
  console: Console,
  tools: WebhookTools = realWebhookTools,
): Promise<number> {
  const client = await tools.connect(flags, env);
  const removed: string[] = [];
  for (const kind of kinds) {
    const manager = await managerOf(client, kind, flags.name);
    if (manager === undefined) continue;
    if (!isOurs(manager) && flags.takeOver !== true) {
      throw new PratiqueError(
        'config-invalid',
        `the ${kind} "${flags.name}" was not made by pratique webhook install but by ${manager ?? 'somebody who has not said so'}: remove it there (helm uninstall), or with --take-over`,
        { configuration: flags.name },
      );
    }
    if (await removeConfiguration(client, kind, flags.name)) removed.push(kind);
  }
  const { name } = flags;
  console.out(
    flags.format === 'json'
      ? JSON.stringify({ schemaVersion: 1, configuration: name, server: client.server, removed }, null, 2)
      : removed.length === 0
        ? `nothing named "${name}" is installed in ${client.server}`
        : `removed from ${client.server}: ${removed.map((kind) => `${kind} "${name}"`).join(', ')}. Nothing is judged by Pratique any more; what was let in goes on to run.`,
  );
  return exitCodes.ok;
}
