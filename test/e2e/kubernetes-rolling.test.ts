import { expect, it } from '@jest/globals';
import { openStage, type Stage } from '../integration/stage.ts';
import { isReady, startBalancer } from './support/balancer.ts';
import type { Cluster } from './support/kubernetes.ts';
import { isAsked, prepare, registration, repositories, until } from './support/kubernetes-gate.ts';
import { startLoad } from './support/kubernetes-load.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

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
    const load = startLoad(cluster);
    for (const stage of stages) {
      await stage.restart();
      await until('it is ready again', () => isReady(stage.pratique.ports.webhook));
    }
    const { made, lost } = await load.end();
    expect(lost).toEqual([]);
    expect(made).toBeGreaterThan(200);
  });
});
