import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from '../../support/free-port.ts';
import { cli } from '../../support/pratique.ts';
import { type Background, startProgram } from './background.ts';
import type { Cluster } from './kubernetes.ts';
import { type Mounted, mountFiles } from './mounted.ts';
import { type Ended, run } from './run.ts';

const chart = resolve('deploy/helm/pratique');
const namespace = 'pratique';

export interface Part {
  readonly management: string;
  /** Of the port that the cluster asks: the registry port of the proxy, the webhook's own. */
  readonly port: number;
}

/** A release of the chart, and its two programs as Pods would run them: on loopback, with the files that Helm has put there. */
export class HelmRelease {
  readonly #cluster: Cluster;
  readonly #helm: string;
  readonly #dir: string;
  readonly #gates: number;
  readonly #hosts: string;
  readonly #running: Background[] = [];

  private constructor(cluster: Cluster, helm: string, gates: number) {
    this.#cluster = cluster;
    this.#helm = helm;
    this.#gates = gates;
    this.#dir = join(cluster.dir, 'release');
    this.#hosts = join(this.#dir, 'hosts.cjs');
    mkdirSync(this.#dir, { recursive: true });
    // Names of Services are those of this machine; certificates are still checked by the name.
    writeFileSync(
      this.#hosts,
      `const dns = require('node:dns');
const { lookup } = dns;
dns.lookup = (name, ...rest) => lookup(name.endsWith('.svc') ? '127.0.0.1' : name, ...rest);
require('node:module').syncBuiltinESMExports();
`,
    );
  }

  static async open(cluster: Cluster, helm: string): Promise<HelmRelease> {
    return new HelmRelease(cluster, helm, await freePort());
  }

  /** Runs helm in the release's namespace. A failure is a result. */
  helm(...args: readonly string[]): Promise<Ended> {
    const env = { ...process.env, KUBECONFIG: this.#cluster.kubeconfig, HOME: this.#dir };
    return run(this.#helm, [...args, '--namespace', namespace], { env });
  }

  /** `helm install` or `helm upgrade` of this chart with these values. @throws Error with what helm says */
  async apply(command: 'install' | 'upgrade', ...values: readonly object[]): Promise<string> {
    const files = values.map((value, index) => {
      const file = join(this.#dir, `values-${index}.yaml`);
      writeFileSync(file, JSON.stringify(value));
      return file;
    });
    const flags = files.flatMap((file) => ['--values', file]);
    return succeeded(await this.helm(command, 'pratique', chart, ...flags));
  }

  /** The proxy's folder on this machine, before it starts. */
  get proxyData(): string {
    return join(this.#dir, 'proxy', 'var', 'lib', 'pratique');
  }

  async startProxy(): Promise<Part> {
    const mounted = await this.#mounted('statefulset/pratique', 'proxy');
    const port = await freePort();
    const parts = { 5000: port, 5443: this.#gates };
    return this.#start(mounted, parts, port, (management) => isWell(`${management}/healthz`), {});
  }

  /** With the rights of its ServiceAccount; waits until it is ready. */
  async startWebhook(): Promise<Part> {
    const mounted = await this.#mounted('deployment/pratique-webhook', 'webhook');
    const port = await freePort();
    const kubeconfig = await this.#cluster.accountKubeconfig(namespace, 'pratique-webhook');
    const env = { KUBECONFIG: kubeconfig, NODE_OPTIONS: `--require ${this.#hosts}` };
    return this.#start(mounted, { 8443: port }, port, (management) => isWell(`${management}/readyz`), env);
  }

  /** Ends both, the webhook first. */
  async stop(): Promise<void> {
    for (const one of this.#running.splice(0).reverse()) await one.stop();
  }

  #mounted(workload: string, part: string): Promise<Mounted> {
    return mountFiles(this.#cluster, namespace, workload, join(this.#dir, part));
  }

  /** As its Pod has it, but for folders and ports. */
  async #start(
    { args, at }: Mounted,
    ports: Readonly<Record<number, number>>,
    port: number,
    isUp: (management: string) => Promise<boolean>,
    env: NodeJS.ProcessEnv,
  ): Promise<Part> {
    const file = at('/etc/pratique/pratique.yaml');
    const managementPort = await freePort();
    const places: Readonly<Record<string, number>> = { ...ports, 5080: managementPort };
    const text = readFileSync(file, 'utf8')
      .replaceAll(/\/(?:etc|var\/lib)\/pratique/g, (path) => at(path))
      .replaceAll(/0\.0\.0\.0:(\d+)/g, (_all, own: string) => `127.0.0.1:${places[own]}`)
      .replaceAll('pratique.pratique.svc:5443', `pratique.pratique.svc:${this.#gates}`);
    writeFileSync(file, text);
    const management = `http://127.0.0.1:${managementPort}`;
    const own = args.map((arg) => (arg.startsWith('/') ? at(arg) : arg));
    this.#running.push(
      await startProgram(process.execPath, [cli, ...own], () => isUp(management), {
        ...{ patience: 90_000, env: { ...process.env, ...env } },
      }),
    );
    return { management, port };
  }
}

export function succeeded({ code, out, err }: Ended): string {
  if (code !== 0) throw new Error(`helm ended with ${code}: ${err}`);
  return out;
}

async function isWell(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
