import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStage } from '../../integration/stage.ts';
import { freePort } from '../../support/free-port.ts';
import { cli } from '../../support/pratique.ts';
import { startProgram } from './background.ts';
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

/** As `openGate`, with the webhook in a process of its own, which knows what it knows from the proxy. */
export async function openGateAlone(cluster: Cluster): Promise<KubernetesGate> {
  const kubeconfig = await prepare(cluster);
  const dir = join(cluster.dir, 'alone');
  mkdirSync(dir, { recursive: true });
  const tokenFile = join(dir, 'token');
  writeFileSync(tokenFile, token);
  const stage = await openStage({
    repositories,
    config: { gates: { tokens: [{ cluster: 'prod', tokenFile }] } },
  });
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
      },
    }),
  );
  const url = `https://127.0.0.1:${port}`;
  try {
    await cluster.must(['apply', '-f', '-'], registration(url));
    const args = [cli, 'serve', '--roles', 'webhook', '--config', config];
    const running = await startProgram(process.execPath, args, () => isReady(management), {
      patience: 60_000,
    });
    const close = async (): Promise<void> => {
      await running.stop();
      await stage.close();
    };
    await until('the webhook is asked', () => isAsked(cluster));
    return { stage, url, close };
  } catch (error) {
    await stage.close();
    throw error;
  }
}

async function isReady(management: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${management}/readyz`)).ok;
  } catch {
    return false;
  }
}
