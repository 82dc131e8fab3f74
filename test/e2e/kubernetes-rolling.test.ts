import { request } from 'node:https';
import { expect, it } from '@jest/globals';
import { openStage, type Stage } from '../integration/stage.ts';
import { startBalancer } from './support/balancer.ts';
import type { Cluster } from './support/kubernetes.ts';
import { images, isAsked, prepare, registration, repositories, until } from './support/kubernetes-gate.ts';
import { pod } from './support/kubernetes-objects.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

/** Objects in one run of kubectl, which sends them one after the other. */
const batch = 40;
const runs = 3;

describeCluster('two webhooks behind one address, restarted one after the other', (beforeTests) => {
  let cluster: Cluster;
  const stages: Stage[] = [];
  beforeTests(async (opening) => {
    cluster = await opening.cluster();
    const kubeconfig = await prepare(cluster);
    const config = {
      // One certificate for both, which the first makes.
      webhook: {
        register: { configuration: 'pratique', kubeconfig },
        secret: { name: 'pratique-webhook-tls', namespace: 'pratique', kubeconfig },
      },
      shutdown: { delay: '3s' },
    };
    for (let count = 0; count < 2; count += 1)
      stages.push(opening.closing(await openStage({ repositories, config })));
    const balancer = await startBalancer(
      stages.map((stage) => {
        const { webhook: port } = stage.pratique.ports;
        return { port, isReady: () => isReady(port) };
      }),
    );
    opening.closing(balancer);
    await cluster.must(['apply', '-f', '-'], registration(`https://127.0.0.1:${balancer.port}`));
    await until('the webhook is asked', () => isAsked(cluster));
  });

  it('answer every one of hundreds of requests', async () => {
    let done = false;
    let made = 0;
    const lost: string[] = [];
    const send = async (): Promise<void> => {
      const metadata = { name: undefined, generateName: 'rolling-' };
      const items = Array.from({ length: batch }, () => pod(images.clean, { metadata }));
      while (!done) {
        const { out, err } = await cluster.kubectl(['create', '-f', '-'], {
          apiVersion: 'v1',
          kind: 'List',
          items,
        });
        made += out.split('\n').filter((line) => line.endsWith(' created')).length;
        lost.push(...err.split('\n').filter((line) => line !== ''));
      }
    };
    const sending = Array.from({ length: runs }, send);
    for (const stage of stages) {
      await stage.restart();
      await until('it is ready again', () => isReady(stage.pratique.ports.webhook));
    }
    done = true;
    await Promise.all(sending);
    process.stdout.write(`${made} made, ${lost.length} lost\n`);
    expect(lost).toEqual([]);
    expect(made).toBeGreaterThan(200);
  });
});

/** As a kubelet asks, which looks at no certificate. */
function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false, agent: false, timeout: 2000 },
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
