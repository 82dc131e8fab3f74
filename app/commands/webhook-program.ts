import type { Command } from 'commander';
import {
  collect,
  formatOption,
  type PlaceFlags,
  place,
  runnerOf,
  type Surroundings,
} from './program-parts.ts';
import type { BreakGlassFlags } from './webhook-break-glass.ts';
import type { EnforceFlags } from './webhook-enforce.ts';
import type { InstallFlags } from './webhook-install.ts';
import type { RunningFlags } from './webhook-running.ts';
import type { ClusterFlags } from './webhook-tools.ts';
import type { UninstallFlags } from './webhook-uninstall.ts';

/** Loaded when they are called for. */
const commands = {
  install: () => import('./webhook-install.ts'),
  uninstall: () => import('./webhook-uninstall.ts'),
  status: () => import('./webhook-status.ts'),
  enforce: () => import('./webhook-enforce.ts'),
  breakGlass: () => import('./webhook-break-glass.ts'),
  running: () => import('./webhook-running.ts'),
};

const takeOver = [
  '--take-over',
  'also where somebody else, such as Helm, has made it; who may then take it back',
] as const;

/** `pratique webhook …`. */
export function addWebhookCommands(program: Command, surroundings: Surroundings): void {
  const { console, acting, judging, sourcesOf } = runnerOf(surroundings);
  const { env } = surroundings;
  const webhook = program
    .command('webhook')
    .description('install the admission webhook in a cluster, watch what it would refuse, and enforce');

  inCluster(webhook.command('install'), '90s')
    .description('have the API server ask the webhook, in audit: everything is let in')
    .option(
      '--service <service>',
      'the Service before it: [NAMESPACE/]NAME[:PORT] (default: pratique-webhook:443)',
    )
    .option('--url <url>', 'its address instead, such as https://10.0.0.7:8443')
    .option(
      '--ca <file>',
      'PEM of the authority that signs its certificate, where serve does not enter it (webhook.register)',
    )
    .option(
      '--exclude <namespace>',
      'a namespace that is not judged, beside kube-system and --namespace; again and again',
      collect,
    )
    .option('--mutate', 'pin tags and rewrite images too, as webhook.mutate of serve says, from enforce on')
    .option('--no-mutate', 'take that back')
    .option(
      '--config <file>',
      'configuration of serve (YAML), whose webhook.kinds are sent, too; without it those of the last time are',
    )
    .option('--dry-run', 'print the manifests, and ask no cluster')
    .option(...takeOver)
    .addHelpText('after', installHelp)
    .action((flags: InstallFlags) =>
      judging(async () => (await commands.install()).webhookInstall(flags, env, console)),
    );

  inCluster(webhook.command('status'), '5m')
    .description('what is installed, whether it is reached, and what of all that runs would be refused')
    .addHelpText('after', statusHelp)
    .action((flags: ClusterFlags) =>
      judging(async () => (await commands.status()).webhookStatus(flags, env, console)),
    );

  inCluster(webhook.command('enforce'), '5m')
    .description('refuse from now on, after a look at what runs')
    .option('--yes', 'also where something would be refused, or could not be asked')
    .option('--off', 'back to audit')
    .option(...takeOver)
    .addHelpText('after', enforceHelp)
    .action((flags: EnforceFlags) =>
      judging(async () => (await commands.enforce()).webhookEnforce(flags, env, console)),
    );

  inCluster(webhook.command('break-glass'), '30s')
    .description('have nothing refused in some namespaces for a while, end that, or list what is open')
    .option('--open <namespace>', 'a namespace; again and again', collect)
    .option('--for <time>', 'such as 30m or 2h, and no longer than webhook.breakGlass.longest')
    .option('--reason <text>', 'a sentence; it is in the audit log, in warnings and in messages')
    .option('--end <name>', 'ends one before its time')
    .option('--dry-run', 'only asks whether it would be accepted')
    .addHelpText('after', breakGlassHelp)
    .action((flags: BreakGlassFlags) =>
      judging(async () => (await commands.breakGlass()).webhookBreakGlass(flags, env, console)),
    );

  place(webhook.command('running'))
    .description('what runs and is not as it should be: what went bad since when, and the fix')
    .option('--url <url>', 'management port of the webhook (default: listen.management of the configuration)')
    .option('--limit <rows>', 'most rows (default: 100)')
    .option('--all', 'images that pass, too')
    .addOption(formatOption())
    .addHelpText('after', runningHelp)
    .action((flags: RunningFlags & PlaceFlags) =>
      judging(async () => (await commands.running()).webhookRunning(flags, sourcesOf(flags), console)),
    );

  inCluster(webhook.command('uninstall'), '30s')
    .description('have the API server ask nobody any more')
    .option(...takeOver)
    .addHelpText(
      'after',
      '\nExit codes: 0 it is gone, or was not there; 2 usage, rights or no cluster; 3 no answer.',
    )
    .action((flags: UninstallFlags) =>
      acting(async () => (await commands.uninstall()).webhookUninstall(flags, env, console)),
    );
}

function inCluster(command: Command, timeout: string): Command {
  return command
    .option(
      '--kubeconfig <file>',
      'kubeconfig file (default: KUBECONFIG, ~/.kube/config, or the service account)',
    )
    .option('--context <name>', 'context of the kubeconfig')
    .option('--name <name>', 'name of the webhook configurations', 'pratique')
    .option('--namespace <namespace>', 'where Pratique runs; never judged', 'pratique')
    .option('--timeout <time>', 'how long to wait for answers', timeout)
    .addOption(formatOption());
}

const installHelp = `
It is the ValidatingWebhookConfiguration that asks /audit with failurePolicy Ignore: nobody is refused, and whoever
applies what would be refused is warned. Running it again changes what is named, and keeps the mode.

Example:
  pratique webhook install --exclude monitoring
  pratique webhook install --dry-run | kubectl apply -f -

Exit codes: 0 done, 2 something to correct, 3 the webhook is not reached in time (nobody is refused for that).`;

const runningHelp = `
It asks the management port of the webhook that looks after what runs (webhook.running), which needs no rights in the
cluster. SINCE is when its verdict became so; "went bad" stands where it passed when it was let in.

Example:
  kubectl -n pratique port-forward deployment/pratique-webhook 5080 &
  pratique webhook running --url http://127.0.0.1:5080

Exit codes: 0 nothing bad runs, 1 something does, 2 usage or configuration, 3 no answer, or not all is known yet.`;

const statusHelp = `
Each image of the cluster's Pods and workloads is asked about the way that it would come: by a dry run through the API
server. Nothing is stored, and images that nobody knows yet are inspected.

Rights: list pods, deployments, statefulsets, daemonsets, cronjobs; create podtemplates; get the configurations.

Exit codes: 0 nothing would be refused, 1 something would, 2 usage or rights, 3 not installed, not reached, or not all could be asked.`;

const breakGlassHelp = `
Makes a ConfigMap in --namespace with your own rights. The webhook accepts it from members of webhook.breakGlass.groups
alone. What is let in by it is warned of, logged, counted, and told to the receivers of events.

Example:
  pratique webhook break-glass --open shop --for 1h --reason "incident 4711: the fix cannot wait for its scan"
  pratique webhook break-glass
  pratique webhook break-glass --end pratique-break-glass-2026-11-30-1f2e3d4c

Exit codes: 0 done, 2 not accepted, usage or rights.`;

const enforceHelp = `
Changes nothing where the API server does not reach the webhook, where no authority is entered, where kube-system or
Pratique's own namespace would be judged, or, without --yes, where something that runs, or that a workload names, would
be refused. Where what every policy refuses is not refused afterwards, it goes back to audit by itself.

Exit codes: 0 it enforces, 1 something would be refused, 2 something to correct, 3 not all could be asked, or taken back.`;
