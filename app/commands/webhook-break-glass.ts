import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { PratiqueError } from '../../core/errors.ts';
import { oneLine } from '../../policy/text.ts';
import { glassLabel, glassPrefix } from '../../webhook/break-glass/glass.ts';
import type { ClusterAnswer, ClusterClient } from '../../webhook/cluster/client.ts';
import { type Asked, failureOf } from '../../webhook/cluster/failure.ts';
import { type Console, exitCodes } from '../console.ts';
import type { Environment } from '../harbor/connection.ts';
import { type ClusterFlags, realWebhookTools, type WebhookTools } from './webhook-tools.ts';

export interface BreakGlassFlags extends ClusterFlags {
  readonly open?: readonly string[];
  readonly for?: string;
  readonly reason?: string;
  readonly end?: string;
  readonly dryRun?: true;
}

const data = z.record(z.string(), z.string());
const configMap = z.object({
  metadata: z.object({ name: z.string() }),
  data: data.nullish().transform((found) => found ?? {}),
});
const list = z.object({ items: z.array(configMap) });
type ConfigMap = z.output<typeof configMap>;

/**
 * `pratique webhook break-glass`: makes a break-glass with the rights of who calls it, ends one, or lists those that are there.
 * Whether it is accepted is the webhook's to say.
 * @returns the exit code
 * @throws PratiqueError `usage-invalid`, `config-invalid`, `upstream-…`
 */
export async function webhookBreakGlass(
  flags: BreakGlassFlags,
  env: Environment,
  console: Console,
  tools: WebhookTools = realWebhookTools,
): Promise<number> {
  const { open = [], end } = flags;
  if (end !== undefined && open.length > 0) throw usage('--end goes without --open');
  if (open.length > 0 && (flags.for === undefined || flags.reason === undefined))
    throw usage('--open goes with --for and --reason: for how long, and why');
  const client = await tools.connect(flags, env);
  const path = `/api/v1/namespaces/${encodeURIComponent(flags.namespace)}/configmaps`;
  if (end !== undefined) return endOne(client, path, end, flags, console);
  if (open.length === 0) return listAll(client, path, flags, console, tools.now());
  const name = `${glassPrefix}${new Date(tools.now()).toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`;
  const answer = await client.call({
    ...{ method: 'POST', path },
    query: flags.dryRun === true ? { dryRun: 'All' } : {},
    body: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, labels: { [glassLabel]: 'true', 'app.kubernetes.io/name': 'pratique' } },
      data: { namespaces: open.join(','), for: flags.for, reason: flags.reason },
    },
  });
  if (answer.status >= 400) throw refusal(answer, flags, 'create');
  const made = configMap.parse(answer.body);
  if (flags.dryRun !== true && made.data.signature === undefined) {
    throw new PratiqueError(
      'config-invalid',
      `the ConfigMap "${name}" was made, and no webhook has looked at it: it opens nothing. Apply deploy/kubernetes/break-glass.yaml, and configure webhook.breakGlass (docs/break-glass.md)`,
      { name },
    );
  }
  tell(console, flags, [made], answer.warnings, tools.now());
  return exitCodes.ok;
}

async function endOne(
  client: ClusterClient,
  path: string,
  name: string,
  flags: BreakGlassFlags,
  console: Console,
): Promise<number> {
  if (!name.startsWith(glassPrefix))
    throw usage(`--end: found "${name}", allowed a name that begins with ${glassPrefix}`);
  const answer = await client.call({ method: 'DELETE', path: `${path}/${encodeURIComponent(name)}` });
  if (answer.status >= 400) throw refusal(answer, flags, 'delete');
  if (flags.format === 'json') console.out(JSON.stringify({ schemaVersion: 1, ended: name }, null, 2));
  else console.out(`${name} is deleted: within seconds what is refused is refused again`);
  return exitCodes.ok;
}

async function listAll(
  client: ClusterClient,
  path: string,
  flags: BreakGlassFlags,
  console: Console,
  now: number,
): Promise<number> {
  const answer = await client.call({
    method: 'GET',
    path,
    query: { labelSelector: `${glassLabel}=true`, limit: '500' },
  });
  if (answer.status >= 400) throw refusal(answer, flags, 'list');
  tell(console, flags, list.parse(answer.body).items, [], now);
  return exitCodes.ok;
}

function tell(
  console: Console,
  { format, dryRun }: BreakGlassFlags,
  found: readonly ConfigMap[],
  warnings: readonly string[],
  now: number,
): void {
  const shown = found.map(({ metadata: { name }, data }) => {
    const { namespaces = '', reason = '', user = null, acceptedAt = null, until = null } = data;
    return { name, namespaces: namespaces.split(','), reason, user, acceptedAt, until };
  });
  if (format === 'json') {
    console.out(JSON.stringify({ schemaVersion: 1, breakGlasses: shown, warnings }, null, 2));
    return;
  }
  for (const warning of warnings) console.err(warning);
  if (dryRun === true) console.out('it would be accepted; nothing was made');
  else if (shown.length === 0) console.out('there is no break-glass');
  for (const { name, namespaces, reason, user, until } of dryRun === true ? [] : shown) {
    const state =
      until === null ? 'not accepted' : Date.parse(until) > now ? `until ${until}` : `ended ${until}`;
    console.out(
      oneLine(`${name}: ${state}, namespaces ${namespaces.join(', ')}, by ${user ?? '-'}: ${reason}`, 2000),
    );
  }
}

function refusal(
  answer: ClusterAnswer,
  { namespace, kubeconfig }: BreakGlassFlags,
  verb: string,
): PratiqueError {
  const asked: Asked = {
    verb,
    what: `ConfigMaps of the namespace "${namespace}"`,
    rule: { group: '', resource: 'configmaps', name: null, verbs: [verb] },
    setting: kubeconfig === undefined ? 'KUBECONFIG' : '--kubeconfig',
    missing: 'it may have been deleted already',
  };
  return failureOf(answer, asked);
}

function usage(message: string): PratiqueError {
  return new PratiqueError('usage-invalid', message);
}
