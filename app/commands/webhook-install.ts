import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { awaitReached, judgedNamespace, neverJudged } from '../../webhook/install/enforcing.ts';
import {
  type Manifest,
  type Mode,
  mutatingManifest,
  type Place,
  parseService,
  parseUrl,
  validatingManifest,
  type Wanted,
} from '../../webhook/install/manifests.ts';
import type { Probed } from '../../webhook/install/probe.ts';
import { ruleOf, rulesBeside } from '../../webhook/install/rules.ts';
import { findKinds, type SentKind } from '../../webhook/install/sent-kinds.ts';
import { applyManifest, type Installed, readInstalled } from '../../webhook/install/state.ts';
import { loadKinds } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import type { Environment } from '../harbor/connection.ts';
import { unreachedAdvice } from '../report/unreached.ts';
import { placeText, reachedText, sentText } from '../report/webhook-report.ts';
import { type ClusterFlags, realWebhookTools, timeoutOf, type WebhookTools } from './webhook-tools.ts';

export interface InstallFlags extends ClusterFlags {
  readonly service?: string;
  readonly url?: string;
  readonly ca?: string;
  readonly exclude?: readonly string[];
  readonly mutate?: boolean;
  /** Of `serve`, for its kinds. */
  readonly config?: string;
  readonly takeOver?: true;
  readonly dryRun?: true;
}

/**
 * `pratique webhook install`: the configuration is there in audit, or keeps the mode that it has.
 * @returns the exit code: 0; 3 where the API server does not reach the webhook in time, which stops nobody in audit
 * @throws PratiqueError `usage-invalid`, `config-invalid`, `upstream-…`
 */
export async function webhookInstall(
  flags: InstallFlags,
  env: Environment,
  console: Console,
  tools: WebhookTools = realWebhookTools,
): Promise<number> {
  const timeout = timeoutOf(flags);
  const ca = flags.ca === undefined ? null : readAuthority(flags.ca);
  // Before anybody is asked: what is wrong on the command line is wrong in every cluster.
  const fresh = wantedOf(flags, null, ca, null);
  const custom = flags.config === undefined ? null : loadKinds(flags.config);
  if (flags.dryRun === true) {
    if (custom !== null && custom.length > 0) throw unknownNames(flags.config);
    console.out(printed([validatingManifest(fresh)], flags.format));
    return exitCodes.ok;
  }
  const client = await tools.connect(flags, env);
  const before = await readInstalled(client, flags.name);
  const kinds = custom === null ? null : await findKinds(client, custom);
  const wanted = wantedOf(flags, before, ca, kinds);
  await applyManifest(client, validatingManifest(wanted), flags.takeOver === true);
  if (wanted.mode === 'enforce' && wanted.mutate) {
    const bundle = ca ?? before?.ca ?? null;
    await applyManifest(client, mutatingManifest({ ...wanted, ca: bundle }), flags.takeOver === true);
  }
  const probed =
    timeout === 0
      ? null
      : await awaitReached(
          client,
          await judgedNamespace(client, wanted.excluded),
          wanted.mode,
          timeout,
          tools,
        );
  const installed = await readInstalled(client, flags.name);
  const reached = probed === null ? null : probed.kind === 'refused';
  const facts = {
    ...{ configuration: flags.name, server: client.server, mode: wanted.mode, changed: before === null },
    ...{
      place: placeText(wanted.place),
      excluded: wanted.excluded,
      kinds: sentText(wanted),
      authority: installed?.ca != null,
      reached,
    },
    why: probed?.kind === 'unheard' ? probed.why : null,
  };
  console.out(
    flags.format === 'json'
      ? JSON.stringify({ schemaVersion: 1, ...facts }, null, 2)
      : reachedText({ ...facts, known: before !== null, advice: adviceOf(wanted, probed, installed) }),
  );
  return reached === false ? exitCodes.undecided : exitCodes.ok;
}

/** What to do where the API server does not reach it. */
function adviceOf(
  { mode, place }: Wanted,
  probed: Probed | null,
  installed: Installed | null,
): readonly string[] {
  if (probed === null || probed.kind === 'refused') return [];
  const why = probed.kind === 'unheard' ? probed.why : null;
  return unreachedAdvice({ mode, failurePolicy: installed?.failurePolicy ?? 'Ignore', place, why });
}

/** What the flags ask for, on top of what is there: running it again changes what was named alone. */
function wantedOf(
  flags: InstallFlags,
  before: Installed | null,
  ca: string | null,
  kinds: readonly SentKind[] | null,
): Wanted {
  const { namespace, name } = flags;
  const excluded = new Set([
    ...neverJudged(namespace),
    ...(flags.exclude?.map(checkedNamespace) ?? before?.excluded ?? []),
  ]);
  return {
    name,
    mode: before?.mode ?? ('audit' satisfies Mode),
    place: placeOf(flags, before),
    excluded: [...excluded].sort(),
    ca: ca ?? before?.givenCa ?? null,
    mutate: flags.mutate ?? before?.mutate ?? false,
    kinds: kinds ?? before?.kinds ?? [],
    rules: before === null ? [] : rulesBeside(before.rules, (kinds ?? []).map(ruleOf)),
  };
}

function unknownNames(file = ''): PratiqueError {
  return new PratiqueError(
    'usage-invalid',
    `--dry-run asks no cluster, and only the cluster knows the plural names of the kinds in ${file}: leave one of --dry-run and --config out`,
  );
}

function placeOf({ service, url, namespace }: InstallFlags, before: Installed | null): Place {
  if (service !== undefined && url !== undefined) {
    throw new PratiqueError('usage-invalid', 'found --service and --url, allowed one of them');
  }
  if (url !== undefined) return parseUrl(url);
  if (service !== undefined) return parseService(service, namespace);
  return before?.place ?? parseService('pratique-webhook', namespace);
}

function checkedNamespace(text: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new PratiqueError('usage-invalid', `--exclude: found "${text}", allowed the name of a namespace`);
}

function readAuthority(file: string): string {
  try {
    const pem = readFileSync(file, 'utf8');
    if (!new X509Certificate(pem).ca) throw new Error('it is no certificate of an authority');
    return pem;
  } catch (error) {
    throw new PratiqueError(
      'usage-invalid',
      `--ca: "${file}" cannot be used: ${errorText(error)}; allowed a PEM file of the authority that signs the webhook's certificate`,
      { file },
      error,
    );
  }
}

function printed(manifests: readonly Manifest[], format: ClusterFlags['format']): string {
  if (format === 'json') {
    return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }, null, 2);
  }
  return manifests
    .map((manifest) => stringify(manifest, { aliasDuplicateObjects: false }).trimEnd())
    .join('\n---\n');
}
