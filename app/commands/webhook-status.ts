import { awaitReached, endsOf, judgedNamespace, obstacles } from '../../webhook/install/enforcing.ts';
import { readCertificateEnd, readReadiness } from '../../webhook/install/health.ts';
import type { Look } from '../../webhook/install/look.ts';
import { readInstalled } from '../../webhook/install/state.ts';
import { imageUses } from '../../webhook/install/uses.ts';
import { type Console, exitCodes } from '../console.ts';
import type { Environment } from '../harbor/connection.ts';
import { type StatusFacts, sentText, statusText } from '../report/webhook-report.ts';
import {
  type ClusterFlags,
  looked,
  realWebhookTools,
  timeoutOf,
  type WebhookTools,
} from './webhook-tools.ts';

/**
 * `pratique webhook status`: whether it is installed and reached, and what of all that runs would be refused today.
 * @returns the exit code: 0 where nothing would be refused; 1 where something would; 3 where it is not installed, not
 *   reached, or not all could be asked
 * @throws PratiqueError `config-invalid`, `upstream-…`
 */
export async function webhookStatus(
  flags: ClusterFlags,
  env: Environment,
  console: Console,
  tools: WebhookTools = realWebhookTools,
): Promise<number> {
  const timeout = timeoutOf(flags);
  const client = await tools.connect(flags, env);
  const installed = await readInstalled(client, flags.name);
  const print = (facts: StatusFacts): void =>
    console.out(
      flags.format === 'json'
        ? JSON.stringify({ schemaVersion: 1, ...facts }, null, 2)
        : statusText(facts, tools.now()),
    );
  const { server } = client;
  if (installed === null) {
    print({ configuration: flags.name, server, installed: null, reached: null, look: null, notJudged: 0 });
    return exitCodes.undecided;
  }
  const namespace = await judgedNamespace(client, installed.excluded);
  const mode = installed.mode ?? 'enforce';
  // One try: whoever asks for the status wants to know what it is now.
  const probed = await awaitReached(client, namespace, mode, 0, tools);
  const reached = probed.kind === 'refused';
  const { uses, left } = await imageUses(client, installed.excluded, installed.kinds);
  const look: Look | null = reached ? await looked(client, uses, timeout, console, tools) : null;
  print({
    ...{ configuration: flags.name, server },
    installed: {
      mode: installed.mode,
      failurePolicy: installed.failurePolicy,
      managedBy: installed.managedBy,
      mutate: installed.mutate,
      place: installed.place,
      excluded: installed.excluded,
      kinds: sentText(installed),
      authorityEnds: endsOf(installed.ca),
      certificateEnds: await readCertificateEnd(client, installed.place),
      readiness: await readReadiness(client, installed.place),
      obstacles: obstacles(installed, flags.namespace, tools.now()),
    },
    reached: { reached, why: probed.kind === 'unheard' ? probed.why : null },
    look,
    notJudged: left,
  });
  if (look === null || look.unknown.count > 0) return exitCodes.undecided;
  return look.refusedImages > 0 ? exitCodes.fail : exitCodes.ok;
}
