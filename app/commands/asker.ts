import { type Command, Option } from 'commander';
import { type AskContext, type GateName, gateNames, type Labels, plainContext } from '../../core/context.ts';
import { PratiqueError } from '../../core/errors.ts';
import { collect } from './program-parts.ts';

/** Who asks, as the command line names them. */
export interface AskerFlags {
  readonly gate?: GateName;
  readonly cluster?: string;
  readonly namespace?: string;
  readonly namespaceLabel?: readonly string[];
  readonly workloadLabel?: readonly string[];
  readonly serviceAccount?: string;
  readonly user?: string;
  readonly group?: readonly string[];
}

/** Names of labels take these characters (Kubernetes, "Labels and Selectors"). */
const labelKey = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,315}[A-Za-z0-9])?$/;
/** The API server sets it on every namespace. */
const nameLabel = 'kubernetes.io/metadata.name';

/** The options that say who asks, from where. */
export function addAskerOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--gate <gate>',
        'ask as this gate (default: admission where a cluster is meant, else proxy)',
      ).choices(gateNames),
    )
    .option('--cluster <name>', 'ask from this cluster')
    .option('--namespace <name>', 'ask from this namespace')
    .option('--namespace-label <label>', 'a label of the namespace, NAME=VALUE (again for each)', collect)
    .option('--workload-label <label>', 'a label of the workload, NAME=VALUE (again for each)', collect)
    .option('--service-account <name>', 'as the workload of this service account, NAMESPACE/NAME')
    .option('--user <name>', 'as this user')
    .option('--group <name>', 'as a member of this group (again for each)', collect);
}

/**
 * The context that the options describe. Labels of a namespace that is named without any are not known, as where
 * they cannot be read.
 * @throws PratiqueError `usage-invalid`
 */
export function askerOf(flags: AskerFlags): AskContext {
  const { cluster, namespace, namespaceLabel, workloadLabel, serviceAccount } = flags;
  const kubernetes = [cluster, namespace, namespaceLabel, workloadLabel, serviceAccount];
  const gate = flags.gate ?? (kubernetes.some((value) => value !== undefined) ? 'admission' : 'proxy');
  return {
    ...plainContext(gate),
    cluster: cluster ?? null,
    namespace: namespace ?? null,
    namespaceLabels: namespaceLabelsOf(namespace, namespaceLabel),
    workloadLabels: labelsOf('--workload-label', workloadLabel ?? []),
    serviceAccount: serviceAccount === undefined ? null : accountOf(serviceAccount, namespace),
    user: flags.user ?? null,
    groups: flags.group ?? [],
  };
}

function namespaceLabelsOf(
  namespace: string | undefined,
  given: readonly string[] | undefined,
): Labels | null {
  if (given === undefined) return namespace === undefined ? {} : null;
  const named = namespace === undefined ? {} : { [nameLabel]: namespace };
  return { ...named, ...labelsOf('--namespace-label', given) };
}

function labelsOf(option: string, given: readonly string[]): Labels {
  return Object.fromEntries(
    given.map((text) => {
      const equals = text.indexOf('=');
      const key = text.slice(0, equals);
      if (equals > 0 && labelKey.test(key)) return [key, text.slice(equals + 1)];
      throw new PratiqueError(
        'usage-invalid',
        `${option}: found "${text}", allowed NAME=VALUE, such as team=web`,
      );
    }),
  );
}

function accountOf(text: string, namespace: string | undefined): string {
  if (/^[^/\s]+\/[^/\s]+$/.test(text)) return text;
  if (namespace !== undefined && /^[^/\s]+$/.test(text)) return `${namespace}/${text}`;
  throw new PratiqueError('usage-invalid', `--service-account: found "${text}", allowed NAMESPACE/NAME`);
}
