import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.ts';
import { runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import type { Cluster } from './support/kubernetes.ts';
import { badSentence, denied, digests, images, openGate, startsWith } from './support/kubernetes-gate.ts';
import { deployment, pod } from './support/kubernetes-objects.ts';
import { describeCluster } from './support/kubernetes-suite.ts';
import { haveNamespaces, openNamespace } from './support/namespace.ts';

const missing = haveNamespaces('a Service before the webhook') ? null : 'network namespaces';
/** Of the range for documentation (RFC 5737): an endpoint is never loopback. */
const endpoint = { host: '192.0.2.10', port: 8443 };
const namespace = 'pratique';

/** Where the API server, which finds endpoints itself (`--enable-aggregator-routing`), reaches the webhook. */
function slice(service: string): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-1`, namespace, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: 'webhook', protocol: 'TCP', port: endpoint.port }],
    endpoints: [{ addresses: [endpoint.host], conditions: { ready: true } }],
  };
}

/** What the API server's proxy to Services wants to see beside: Endpoints that are of a Pod with this address. */
async function runPod(cluster: Cluster, service: string): Promise<void> {
  const [name, addresses] = ['webhook-1', [{ ip: endpoint.host }]];
  await cluster.must(['create', '-f', '-'], pod(images.clean, { name, namespace }));
  const status = JSON.stringify({ status: { phase: 'Running', podIP: endpoint.host, podIPs: addresses } });
  await cluster.must([
    ...['-n', namespace, 'patch', 'pod', name, '--subresource=status', '--type=merge', '-p', status],
  ]);
  const targetRef = { kind: 'Pod', name, namespace };
  await cluster.must(['apply', '-f', '-'], {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: service, namespace },
    subsets: [
      {
        addresses: [{ ip: endpoint.host, targetRef }],
        ports: [{ name: 'webhook', port: endpoint.port }],
      },
    ],
  });
}

/** In this order: from a cluster without a webhook to one that enforces. */
describeCluster(
  'a webhook behind a Service',
  (beforeTests) => {
    let cluster: Cluster;
    beforeTests(async (opening) => {
      const dir = temporaryDirectory();
      const webhook = await freePort();
      cluster = await opening.cluster({
        flags: () => ['--enable-aggregator-routing=true'],
        network: (etcd, apiServer) =>
          openNamespace(join(dir, 'net'), [etcd], [], {
            published: [apiServer],
            addresses: [{ ...endpoint, to: webhook }],
          }),
      });
      opening.closing(
        await openGate(cluster, {
          registration: null,
          webhookPort: webhook,
          // As the shipped configuration has it.
          webhook: (kubeconfig) => ({
            names: ['pratique-webhook.pratique.svc'],
            secret: { name: 'pratique-webhook-tls', namespace, kubeconfig },
          }),
        }),
      );
    });

    const pratique = (...args: readonly string[]) =>
      runCli(['webhook', ...args, '--kubeconfig', cluster.kubeconfig]);

    it('is not reached while the Service has no endpoint, and nobody is refused', async () => {
      const { code, out } = await pratique('install', '--timeout', '10s');
      expect([code, out]).toEqual([3, expect.stringContaining('is not reached yet')]);
      expect((await cluster.create(pod(images.bad, { name: 'before' }))).code).toBe(0);
    });

    it('is reached by the Service that the shipped manifests make', async () => {
      await cluster.must(['apply', '-f', '-'], slice('pratique-webhook'));
      const { code, out } = await pratique('install');
      expect([code, out]).toEqual([0, expect.stringContaining('the webhook is reached')]);
      expect(out).toContain('the API server asks service pratique/pratique-webhook:443');
    });

    it('status sees through it whether it is ready, and the certificate in the Secret', async () => {
      await runPod(cluster, 'pratique-webhook');
      const { code, out } = await pratique('status');
      expect([code, out]).toEqual([
        1,
        expect.stringMatching(/reached +yes\nready +yes\nauthority +until 20/),
      ]);
      expect(out).toMatch(/certificate +until 20/);
    });

    it('enforces', async () => {
      expect(await pratique('install', '--mutate')).toMatchObject({ code: 0, err: '' });
      expect(await pratique('enforce', '--yes')).toMatchObject({ code: 0, err: '' });
      const refused = await cluster.create(deployment(images.bad));
      expect(refused.err).toMatch(startsWith(denied('error when creating "STDIN": ')));
      expect(refused.err).toContain(badSentence);
      expect(await cluster.create(pod(images.clean))).toEqual({ code: 0, out: 'pod/web created\n', err: '' });
      const { spec } = await cluster.get<{ spec: { containers: { image: string }[] } }>('pod', 'web');
      expect(spec.containers[0]?.image).toContain(digests.clean);
    });

    it('is not believed under the name of another Service, and then nothing is made', async () => {
      const ports = [{ name: 'webhook', port: 443, targetPort: endpoint.port }];
      const metadata = { name: 'other', namespace };
      await cluster.must(['apply', '-f', '-'], {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: { ports },
      });
      await cluster.must(['apply', '-f', '-'], slice('other'));
      const { code, out } = await pratique('install', '--service', 'other', '--timeout', '5s');
      expect([code, out]).toEqual([
        3,
        expect.stringMatching(/certificate is valid for .*not other\.pratique\.svc/),
      ]);
      expect((await cluster.create(pod(images.clean, { name: 'other' }))).err).toContain(
        'failed calling webhook',
      );
      expect((await pratique('install', '--service', 'pratique-webhook')).code).toBe(0);
      expect((await cluster.create(pod(images.clean, { name: 'other' }))).code).toBe(0);
    });
  },
  missing,
);
