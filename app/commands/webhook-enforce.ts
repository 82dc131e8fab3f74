import { PratiqueError } from '../../core/errors.ts';
import { plural } from '../../policy/text.ts';
import type { ClusterClient } from '../../webhook/cluster/client.ts';
import { awaitReached, judgedNamespace, obstacles } from '../../webhook/install/enforcing.ts';
import type { Look } from '../../webhook/install/look.ts';
import {
  type Mode,
  mutatingManifest,
  validatingManifest,
  type Wanted,
} from '../../webhook/install/manifests.ts';
import { applyManifest, type Installed, isOurs, removeConfiguration } from '../../webhook/install/state.ts';
import { imageUses } from '../../webhook/install/uses.ts';
import { type Console, exitCodes } from '../console.ts';
import type { Environment } from '../harbor/connection.ts';
import { lookText } from '../report/webhook-report.ts';
import {
  type ClusterFlags,
  installedOr,
  looked,
  realWebhookTools,
  timeoutOf,
  type WebhookTools,
} from './webhook-tools.ts';

export interface EnforceFlags extends ClusterFlags {
  /** Goes on though something that runs would be refused. */
  readonly yes?: true;
  /** Back to audit. */
  readonly off?: true;
  readonly takeOver?: true;
}

/** Milliseconds in which every API server has to have seen a change of mode. */
const seenWithin = 30_000;

/**
 * `pratique webhook enforce`: what is refused is refused from now on. Nothing is changed where the webhook is not reached,
 * where a full outage would lock the cluster, or where what runs would be refused and nobody has said yes; and what does
 * not work afterwards is taken back.
 * @returns the exit code: 0; 1 where something would be refused; 3 where not everything could be asked, or it was taken back
 * @throws PratiqueError `config-invalid`, `upstream-…`
 */
export async function webhookEnforce(
  flags: EnforceFlags,
  env: Environment,
  console: Console,
  tools: WebhookTools = realWebhookTools,
): Promise<number> {
  const timeout = timeoutOf(flags);
  const client = await tools.connect(flags, env);
  const installed = await installedOr(client, flags);
  if (!isOurs(installed.managedBy) && flags.takeOver !== true) {
    throw new PratiqueError(
      'config-invalid',
      `the ValidatingWebhookConfiguration "${flags.name}" was made by ${installed.managedBy ?? 'somebody who has not said so'}, who would take the change back: change it there (webhook.mode of the chart), or take it over with --take-over`,
      { configuration: flags.name },
    );
  }
  const force = flags.takeOver === true;
  const tell = (mode: Mode, look: Look | null, done: boolean, text: string): void =>
    console.out(
      flags.format === 'json'
        ? JSON.stringify(
            { schemaVersion: 1, configuration: flags.name, server: client.server, mode, done, look },
            null,
            2,
          )
        : [...(look === null ? [] : [lookText(look)]), text].join('\n\n'),
    );
  if (flags.off === true) {
    await switchTo('audit', client, installed, force);
    tell('audit', null, true, 'in audit: everything is let in, and what would be refused is told.');
    return exitCodes.ok;
  }
  if (installed.mode === 'enforce' && installed.failurePolicy === 'Fail') {
    tell('enforce', null, true, 'it enforces already.');
    return exitCodes.ok;
  }
  const problems = obstacles(installed, flags.namespace, tools.now());
  if (problems.length > 0) throw refused(flags, problems.join('; and '));
  const namespace = await judgedNamespace(client, installed.excluded);
  const probed = await awaitReached(client, namespace, installed.mode ?? 'audit', 0, tools);
  if (probed.kind !== 'refused') {
    throw refused(
      flags,
      `the API server does not reach it: ${probed.kind === 'unheard' ? probed.why : 'it lets in what every policy refuses'}`,
    );
  }
  const { uses } = await imageUses(client, installed.excluded, installed.kinds);
  const look = await looked(client, uses, timeout, console, tools);
  if (flags.yes !== true && look.refusedImages > 0) {
    tell(
      'audit',
      look,
      false,
      'Nothing was changed. What runs goes on to run, but would not start again: correct it, or except it in the policy, or go on with --yes.',
    );
    return exitCodes.fail;
  }
  if (flags.yes !== true && look.unknown.count > 0) {
    tell(
      'audit',
      look,
      false,
      'Nothing was changed. Run it again, with a longer --timeout, or go on with --yes.',
    );
    return exitCodes.undecided;
  }
  await switchTo('enforce', client, installed, force);
  const after = await awaitReached(client, namespace, 'enforce', seenWithin, tools);
  if (after.kind !== 'refused' || after.mode !== 'enforce') {
    await switchTo('audit', client, installed, force);
    const why = after.kind === 'unheard' ? after.why : 'what every policy refuses was still let in';
    tell('audit', look, false, `It was taken back, and is in audit: ${why}.`);
    return exitCodes.undecided;
  }
  const let_in = look.refusedImages === 0 ? '' : ` ${plural(look.refusedImages, 'image')} would be refused.`;
  tell('enforce', look, true, `It enforces.${let_in} Back to audit: pratique webhook enforce --off`);
  return exitCodes.ok;
}

/** Stricter last, and looser first: what is pinned is never asked of a mutating webhook whose judge is not there. */
async function switchTo(
  mode: Mode,
  client: ClusterClient,
  installed: Installed,
  force: boolean,
): Promise<void> {
  const { name, place, excluded, givenCa, mutate, kinds, rules } = installed;
  const wanted: Wanted = {
    ...{ name, mode, place, excluded: [...excluded].sort(), ca: givenCa, mutate },
    ...{ kinds, rules },
  };
  if (mode === 'audit') {
    await applyManifest(client, validatingManifest(wanted), force);
    await removeConfiguration(client, 'MutatingWebhookConfiguration', name);
    return;
  }
  if (mutate) await applyManifest(client, mutatingManifest({ ...wanted, ca: installed.ca }), force);
  await applyManifest(client, validatingManifest(wanted), force);
}

function refused(flags: EnforceFlags, why: string): PratiqueError {
  return new PratiqueError('config-invalid', `"${flags.name}" is left in audit: ${why}`, {
    configuration: flags.name,
  });
}
