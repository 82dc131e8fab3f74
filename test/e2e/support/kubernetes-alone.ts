import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStage, type Stage } from '../../integration/stage.ts';
import { freePort } from '../../support/free-port.ts';
import { cli } from '../../support/pratique.ts';
import { type Background, startProgram } from './background.ts';
import type { Cluster } from './kubernetes.ts';
import {
  isAsked,
  type KubernetesGate,
  prepare,
  registration,
  repositories,
  until,
} from './kubernetes-gate.ts';

const token = 'token-of-a-gate-that-stands-alone-0123456789';

/** A webhook in a process of its own (`--roles webhook`), which knows what it knows from a proxy. */
export interface WebhookAlone {
  readonly port: number;
  /** Starts it, on what it left, and waits until it is ready. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A proxy that such webhooks can ask. */
export interface RunningProxy {
  readonly stage: Stage;
  readonly tokenFile: string;
}

export async function openProxy(dir: string): Promise<RunningProxy> {
  mkdirSync(dir, { recursive: true });
  const tokenFile = join(dir, 'token');
  writeFileSync(tokenFile, token);
  const config = { gates: { tokens: [{ cluster: 'prod', tokenFile }] } };
  return { stage: await openStage({ repositories, config }), tokenFile };
}

/**
 * It is not started yet.
 * @param dir is made; all of its state is below it
 * @param options `webhook` and `config`: further keys of its configuration
 */
export async function webhookAlone(
  dir: string,
  { stage, tokenFile }: RunningProxy,
  kubeconfig: string,
  options: { readonly webhook?: object; readonly config?: object } = {},
): Promise<WebhookAlone> {
  mkdirSync(dir, { recursive: true });
  const [port, management] = [await freePort(), await freePort()];
  const config = join(dir, 'pratique.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      data: join(dir, 'data'),
      cluster: 'prod',
      listen: { webhook: `127.0.0.1:${port}`, management: `127.0.0.1:${management}` },
      webhook: {
        register: { configuration: 'pratique', kubeconfig },
        kubeconfig,
        proxy: {
          url: `https://localhost:${stage.pratique.ports.gates}`,
          ca: join(stage.pratique.dataDir, 'gates', 'ca.crt'),
          tokenFile,
        },
        ...options.webhook,
      },
      ...options.config,
    }),
  );
  let running: Background | null = null;
  return {
    port,
    start: async () => {
      const args = [cli, 'serve', '--roles', 'webhook', '--config', config];
      running = await startProgram(process.execPath, args, () => isReady(management), { patience: 60_000 });
    },
    stop: async () => {
      await running?.stop();
      running = null;
    },
  };
}

/** As `openGate`, with the webhook on its own feet. */
export async function openGateAlone(cluster: Cluster): Promise<KubernetesGate> {
  const kubeconfig = await prepare(cluster);
  const dir = join(cluster.dir, 'alone');
  const proxy = await openProxy(dir);
  const webhook = await webhookAlone(dir, proxy, kubeconfig);
  const url = `https://127.0.0.1:${webhook.port}`;
  const close = async (): Promise<void> => {
    await webhook.stop();
    await proxy.stage.close();
  };
  try {
    await cluster.must(['apply', '-f', '-'], registration(url));
    await webhook.start();
    await until('the webhook is asked', () => isAsked(cluster));
    return { stage: proxy.stage, url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function isReady(management: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${management}/readyz`, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}
