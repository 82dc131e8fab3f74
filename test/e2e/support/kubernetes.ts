import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { kubeTools } from '../../../deploy/tools/kube-tools.ts';
import { freePort } from '../../support/free-port.ts';
import { type Background, startProgram } from './background.ts';
import { type ClusterPki, kubeconfigText, makePki } from './kubernetes-pki.ts';
import type { KubernetesPrograms } from './kubernetes-programs.ts';
import type { Namespace } from './namespace.ts';
import { type Ended, must, run } from './run.ts';

/** Milliseconds until a part of the cluster counts as not coming up: the machine may be busy. */
const patience = 90_000;

export interface ClusterOptions {
  /** Whether kube-controller-manager runs, where it is there. */
  readonly controllers?: boolean;
  /** Further flags of kube-apiserver. */
  readonly flags?: (pki: ClusterPki) => readonly string[];
  /** Where the API server runs, which needs etcd's port and has its own one reached; left out: on this machine's network. */
  readonly network?: (etcd: number, apiServer: number) => Promise<Namespace>;
}

/** A real API server with a real etcd, on loopback, and nothing else: no node runs anything. */
export interface Cluster {
  readonly dir: string;
  readonly url: string;
  readonly pki: ClusterPki;
  /** The administrator's. */
  readonly kubeconfig: string;
  readonly controllers: boolean;
  /** Runs kubectl as the administrator; a failure is a result. */
  kubectl(args: readonly string[], input?: string | object): Promise<Ended>;
  /** The same, where anything but success is a mistake of the test; gives what it printed. */
  must(args: readonly string[], input?: string | object): Promise<string>;
  /** `kubectl create` of one object; a failure is a result. */
  create(object: object, ...args: readonly string[]): Promise<Ended>;
  /** An object as it is stored. */
  get<T>(...args: readonly string[]): Promise<T>;
  /** A kubeconfig file of a ServiceAccount, with the rights that it was given and no others. */
  accountKubeconfig(namespace: string, account: string): Promise<string>;
  /** Events of the API server's audit log so far. */
  audit(): readonly AuditEvent[];
  /** All of it ends and starts again, with what etcd has kept. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface AuditEvent {
  readonly verb: string;
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** @param dir is made; all state is below it */
export async function startCluster(
  programs: KubernetesPrograms,
  dir: string,
  options: ClusterOptions = {},
): Promise<Cluster> {
  mkdirSync(dir, { recursive: true });
  const pki = makePki(join(dir, 'pki'));
  const [clients, peers, port] = [await freePort(), await freePort(), await freePort()];
  const url = `https://127.0.0.1:${port}`;
  const kubeconfig = join(dir, 'admin.kubeconfig');
  writeFileSync(kubeconfig, kubeconfigText(url, pki.ca, pki.file('admin')));
  const auditLog = join(dir, 'audit.log');
  const auditPolicy = join(dir, 'audit-policy.yaml');
  writeFileSync(auditLog, '');
  writeFileSync(
    auditPolicy,
    JSON.stringify({
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      omitStages: ['RequestReceived', 'ResponseStarted'],
      rules: [{ level: 'Metadata', verbs: ['create', 'update', 'patch', 'delete'] }, { level: 'None' }],
    }),
  );
  const running: Pick<Background, 'stop'>[] = [];
  const stop = async (): Promise<void> => {
    // The last that came up goes first: an API server without etcd waits long.
    for (const one of running.splice(0).reverse()) await one.stop();
  };
  const starts: (() => Promise<void>)[] = [];
  const start = async (program: string, args: readonly string[], up: () => Promise<boolean>) => {
    const once = async (): Promise<void> => {
      running.push(await startProgram(program, args, up, { patience, killAfter: 15_000 }));
    };
    starts.push(once);
    await once();
  };
  try {
    await start(programs.etcd, etcdFlags(join(dir, 'etcd'), clients, peers), () =>
      answersOk(`http://127.0.0.1:${clients}/health`),
    );
    const flags = [
      ...apiServerFlags(pki, port, clients),
      `--audit-policy-file=${auditPolicy}`,
      `--audit-log-path=${auditLog}`,
      ...(options.flags?.(pki) ?? []),
    ];
    const network = (await options.network?.(clients, port)) ?? null;
    if (network !== null) running.push({ stop: () => network.close() });
    const [program, args] =
      network === null ? [programs.apiServer, flags] : network.enter(programs.apiServer, ...flags);
    await start(program, args, () => ready(url, pki));
    if (options.controllers === true && programs.controllerManager !== null) {
      const health = await freePort();
      await start(programs.controllerManager, controllerFlags(dir, pki, kubeconfig, health), () =>
        ready(`https://127.0.0.1:${health}`, pki, '/healthz', false),
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const env = {
    ...process.env,
    KUBECONFIG: kubeconfig,
    HOME: dir,
    KUBECACHEDIR: join(dir, 'kubectl-cache'),
  };
  const withInput = (input: string | object | undefined) => ({
    env,
    ...(input === undefined ? {} : { input: typeof input === 'string' ? input : JSON.stringify(input) }),
  });
  const kubectl = programs.kubectl ?? (await kubeTools()).kubectl;
  const cluster: Cluster = {
    dir,
    url,
    pki,
    kubeconfig,
    controllers: options.controllers === true && programs.controllerManager !== null,
    kubectl: (args, input) => run(kubectl, args, withInput(input)),
    must: (args, input) => must(kubectl, args, withInput(input)),
    create: (object, ...args) => cluster.kubectl(['create', ...args, '-f', '-'], object),
    get: async <T>(...args: readonly string[]) =>
      JSON.parse(await cluster.must(['get', ...args, '-o', 'json'])) as T,
    accountKubeconfig: async (namespace, account) => {
      const token = (await cluster.must(['-n', namespace, 'create', 'token', account])).trim();
      const file = join(dir, `${account}.kubeconfig`);
      writeFileSync(file, kubeconfigText(url, pki.ca, { token }));
      return file;
    },
    audit: () => readAudit(auditLog),
    restart: async () => {
      await stop();
      for (const once of starts) await once();
    },
    stop,
  };
  return cluster;
}

function etcdFlags(data: string, clients: number, peers: number): string[] {
  const [client, peer] = [`http://127.0.0.1:${clients}`, `http://127.0.0.1:${peers}`];
  return [
    `--data-dir=${data}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // Nothing here has to outlive the machine.
    '--unsafe-no-fsync',
  ];
}

function apiServerFlags(pki: ClusterPki, port: number, etcd: number): string[] {
  const { cert, key } = pki.file('apiserver');
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--tls-cert-file=${cert}`,
    `--tls-private-key-file=${key}`,
    `--client-ca-file=${pki.ca}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(pki.folder, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(pki.folder, 'sa.key')}`,
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    '--profiling=false',
    // Namespaces have no ServiceAccount "default" where no controller makes it.
    '--disable-admission-plugins=ServiceAccount',
  ];
}

function controllerFlags(dir: string, pki: ClusterPki, kubeconfig: string, port: number): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(dir, 'controller-manager')}`,
    '--leader-elect=false',
    `--service-account-private-key-file=${join(pki.folder, 'sa.key')}`,
    `--root-ca-file=${pki.ca}`,
    '--use-service-account-credentials=false',
    '--profiling=false',
  ];
}

async function answersOk(url: string): Promise<boolean> {
  try {
    // Somebody else may have taken the port meanwhile, and say nothing.
    return (await fetch(url, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

/** @param known whether its certificate is of the cluster's authority */
function ready(url: string, pki: ClusterPki, path = '/readyz', known = true): Promise<boolean> {
  const { cert, key } = pki.file('admin');
  return new Promise((resolve) => {
    const asked = request(
      `${url}${path}`,
      {
        ca: readFileSync(pki.ca),
        cert: readFileSync(cert),
        key: readFileSync(key),
        rejectUnauthorized: known,
        timeout: 5000,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
    asked.end();
  });
}

/** The last line may be written just now. */
function readAudit(file: string): AuditEvent[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as AuditEvent);
}
