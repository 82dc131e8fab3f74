import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Mode,
  mutatingManifest,
  validatingManifest,
  type Wanted,
} from '../../../webhook/install/manifests.ts';
import type { Rule } from '../../../webhook/install/rules.ts';
import {
  bad,
  clean,
  debian,
  openStage,
  type Stage,
  type StageOptions,
  warned,
} from '../../integration/stage.ts';
import { freePort } from '../../support/free-port.ts';
import type { Cluster } from './kubernetes.ts';

/** Images of the upstream `registry.corp`, by the names that objects give them. */
export const images = {
  clean: 'registry.corp/team/app:clean',
  other: 'registry.corp/team/app:other',
  bad: 'registry.corp/team/app:bad',
  warned: 'registry.corp/team/app:warned',
  slow: 'registry.corp/team/slow:latest',
  missing: 'registry.corp/team/none:1',
  elsewhere: 'registry.elsewhere/team/app:1',
};
export const digests = { clean: clean.manifest.digest, bad: bad.manifest.digest };

/** What is said of `images.bad`, whoever says it. */
export const badSentence =
  'CVE-2026-1001 critical in openssl 3.0.1-1 (fixed in 3.0.2-1): Critical, and a fix exists. What to do: Update the package to the fixed version';

/** How kubectl begins where the API server says that the webhook refuses; `what` stands before it. */
export const denied = (what = ''): string =>
  `Error from server (Forbidden): ${what}admission webhook "images.pratique.dev" denied the request: Blocked by Pratique`;

export const repositories = {
  'team/app': { clean, bad, warned, other: debian('curl', '7.88-1', 'other') },
  'team/slow': { latest: debian('curl', '7.88-1', 'slow') },
};

/** The built program beside a cluster, whose API server asks it. */
export interface KubernetesGate {
  readonly stage: Stage;
  /** Where the API server finds the webhook. */
  readonly url: string;
  close(): Promise<void>;
}

/** The shipped manifests: ServiceAccount, rights, and what else stands beside the webhook. */
export const shipped = 'deploy/kubernetes/webhook.yaml';

export interface Registration {
  readonly mode?: Mode;
  readonly mutate?: boolean;
  /** PEM of an authority; null: the program enters it. */
  readonly ca?: string | null;
  /** Rules beside those that `pratique webhook install` makes, for kinds of one's own. */
  readonly rules?: readonly Rule[];
}

/** What makes the API server ask the webhook: by its address, as no node could route to a Service. */
export function registration(
  url: string,
  { mode = 'enforce', mutate = false, ca = null, rules = [] }: Registration = {},
): object {
  const excluded = ['kube-system', 'pratique'];
  const wanted: Wanted = {
    ...{ name: 'pratique', mode, place: { kind: 'url', url } as const, excluded, ca, mutate },
    ...{ kinds: [], rules },
  };
  const manifests = [validatingManifest(wanted), ...(mutate ? [mutatingManifest(wanted)] : [])];
  return { apiVersion: 'v1', kind: 'List', items: manifests };
}

export interface GateOptions extends StageOptions {
  /** null: nobody is registered, and nobody is waited for. */
  readonly registration?: Registration | null;
  readonly webhookPort?: number;
  /** Further keys of `webhook`, which may need the kubeconfig file of the webhook's account. */
  readonly webhook?: (kubeconfig: string) => object;
}

/** Starts the program, which enters its authority in the configurations with the rights that the shipped manifests give it. */
export async function openGate(
  cluster: Cluster,
  { registration: wanted = {}, webhookPort, webhook: further, ...options }: GateOptions = {},
): Promise<KubernetesGate> {
  const ports = options.ports ?? {
    registry: await freePort(),
    management: await freePort(),
    webhook: webhookPort ?? (await freePort()),
    harborAdapter: await freePort(),
    gates: await freePort(),
  };
  const url = `https://127.0.0.1:${ports.webhook}`;
  const kubeconfig = await prepare(cluster);
  if (wanted !== null) await cluster.must(['apply', '-f', '-'], registration(url, wanted));
  const { webhook, ...config } = options.config ?? {};
  const stage = await openStage({
    repositories,
    ports,
    ...options,
    config: {
      webhook: {
        register: { configuration: 'pratique', kubeconfig },
        kubeconfig,
        ...(webhook as Record<string, unknown> | undefined),
        ...further?.(kubeconfig),
      },
      ...config,
    },
  });
  try {
    if (wanted !== null) await until('the webhook is asked', () => isAsked(cluster));
  } catch (error) {
    const log = stage.pratique.log();
    await stage.close();
    throw new Error(`the API server does not ask the webhook: ${log}`, { cause: error });
  }
  return { stage, url, close: () => stage.close() };
}

/** The namespace with all that the shipped manifests put there; gives a kubeconfig file of the webhook's account. */
export async function prepare(cluster: Cluster): Promise<string> {
  await cluster.must(['create', 'namespace', 'pratique']);
  await cluster.must(['apply', '-f', shipped]);
  return cluster.accountKubeconfig('pratique', 'pratique-webhook');
}

/** The API server reads configurations with a delay. */
export async function isAsked(cluster: Cluster): Promise<boolean> {
  const args = ['run', 'asked', `--image=${images.bad}`, '--dry-run=server'];
  return /Blocked by Pratique/.test((await cluster.kubectl(args)).err);
}

export async function until(what: string, holds: () => Promise<boolean>, patience = 60_000): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it has not come to be in ${patience} ms that ${what}`);
    await sleep(200);
  }
}

export function startsWith(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
}
