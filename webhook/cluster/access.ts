import { existsSync, readFileSync } from 'node:fs';
import { Agent, type AgentOptions, type RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { type KubeSetting, loadKubeConfig } from '../kube-config.ts';

/** How an API server is reached, and what shows it who asks. */
export interface ClusterAccess {
  /** Such as `https://10.96.0.1:443`. */
  readonly server: string;
  /** For one request; credentials may be others than at the last one. */
  options(): Promise<RequestOptions>;
}

/** Where a Pod finds its service account (Kubernetes, "Accessing the Kubernetes API from a Pod"). */
export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Milliseconds for which what was read is taken to be right: a service account's token is good for minutes after its renewal. */
const keptFor = 60_000;
/** To one API server, by one who asks. */
const mostConnections = 16;

/**
 * The way to an API server. Inside a cluster the service account's files are all that is needed; the client library is
 * loaded for kubeconfig files alone, because it is large: 80 MB of memory and a second.
 * @param file a kubeconfig file; null: `KUBECONFIG`, `~/.kube/config`, or the Pod's own service account
 * @param context of a kubeconfig; null: its current one
 * @throws PratiqueError `config-invalid`
 */
export async function clusterAccess(options: {
  readonly file: string | null;
  readonly context?: string | null;
  readonly setting: KubeSetting;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly folder?: string;
}): Promise<ClusterAccess> {
  const { file, context = null, setting, env = process.env, folder = serviceAccountFolder } = options;
  if (file === null && context === null && isInCluster(env, folder)) return podAccess(env, folder);
  return accessBy(await loadKubeConfig(file, setting, context));
}

function isInCluster(env: Readonly<Record<string, string | undefined>>, folder: string): boolean {
  const named = env.KUBECONFIG ?? '';
  return (
    named === '' &&
    (env.KUBERNETES_SERVICE_HOST ?? '') !== '' &&
    existsSync(join(folder, 'token')) &&
    !existsSync(join(env.HOME ?? homedir(), '.kube', 'config'))
  );
}

function podAccess(env: Readonly<Record<string, string | undefined>>, folder: string): ClusterAccess {
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${env.KUBERNETES_SERVICE_PORT ?? '443'}`;
  return {
    server,
    options: kept(() => {
      const [token, ca] = [readIn(folder, 'token').trim(), readIn(folder, 'ca.crt')];
      return { agent: agentOf({ ca }), headers: { Authorization: `Bearer ${token}` } };
    }),
  };
}

function readIn(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch (error) {
    throw new PratiqueError(
      'config-invalid',
      `the Pod's service account cannot be read: ${join(folder, name)}: ${errorText(error)}; does its Pod have automountServiceAccountToken: false`,
      { folder },
      error,
    );
  }
}

/** By a kubeconfig that is loaded. */
export function accessBy(kubeConfig: KubeConfig): ClusterAccess {
  return {
    get server() {
      const cluster = kubeConfig.getCurrentCluster();
      if (cluster === null) {
        throw new PratiqueError('config-invalid', 'the kubeconfig has no cluster for its current context');
      }
      return cluster.server.replace(/\/+$/, '');
    },
    options: kept(async () => {
      const options: RequestOptions = { headers: {} };
      await kubeConfig.applyToHTTPSOptions(options);
      const cluster = kubeConfig.getCurrentCluster();
      // The library's agent knows the way through a proxy, but keeps no connection.
      if (cluster?.proxyUrl !== undefined || cluster?.server.startsWith('http:') === true) return options;
      const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized, auth, headers } = options;
      const agent = agentOf({
        ...{ ca, cert, key, pfx, passphrase },
        ...(servername === undefined ? {} : { servername }),
        ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
      });
      return {
        agent,
        ...(auth === undefined ? {} : { auth }),
        ...(headers === undefined ? {} : { headers }),
      };
    }),
  };
}

function agentOf(options: AgentOptions): Agent {
  return new Agent({ ...options, keepAlive: true, maxSockets: mostConnections, minVersion: 'TLSv1.2' });
}

function kept(read: () => RequestOptions | Promise<RequestOptions>): () => Promise<RequestOptions> {
  let last: { readonly at: number; readonly options: Promise<RequestOptions> } | null = null;
  return async () => {
    const now = performance.now();
    if (last !== null && now - last.at <= keptFor) return await last.options;
    const before = last;
    const mine = { at: now, options: Promise.resolve().then(read) };
    last = mine;
    try {
      return await mine.options;
    } catch (error) {
      // The next one tries again, where nobody does so already.
      if (last === mine) last = null;
      throw error;
    } finally {
      destroyLater(before);
    }
  };
}

/** Idle connections of credentials that are not used any more go; what is under way ends by itself. */
function destroyLater(before: { readonly options: Promise<RequestOptions> } | null): void {
  if (before === null) return;
  setTimeout(() => {
    before.options.then(
      ({ agent }) => {
        if (agent instanceof Agent) agent.destroy();
      },
      // Whoever asked for these credentials was told; they have no connections.
      () => undefined,
    );
  }, keptFor).unref();
}
