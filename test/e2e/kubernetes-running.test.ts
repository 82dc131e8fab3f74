import { expect, it } from '@jest/globals';
import { laterFeeds } from '../integration/stage.ts';
import { importFeeds } from '../support/pratique.ts';
import type { Cluster } from './support/kubernetes.ts';
import { digests, images, type KubernetesGate, openGate, until } from './support/kubernetes-gate.ts';
import { pod } from './support/kubernetes-objects.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

/** Both kinds of reports, of whose shape the API server is told nothing here. */
const reportKinds = [
  ['wgpolicyk8s.io', 'v1alpha2', 'PolicyReport', 'policyreports'],
  ['openreports.io', 'v1alpha1', 'Report', 'reports'],
] as const;

function definition([group, version, kind, plural]: (typeof reportKinds)[number]): object {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      ...{ group, scope: 'Namespaced', names: { kind, plural, singular: kind.toLowerCase() } },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}

interface Report {
  readonly source?: string;
  readonly summary: { readonly pass: number; readonly fail: number };
  readonly results?: readonly {
    readonly result: string;
    readonly message: string;
    readonly severity: string;
    readonly resources?: readonly { readonly kind: string; readonly name: string }[];
  }[];
}
interface KubeEvent {
  readonly reason: string;
  readonly type: string;
  readonly message: string;
  readonly involvedObject: { readonly name: string };
}

for (const reports of reportKinds) {
  const [group, , , plural] = reports;
  describeCluster(`what runs in a real cluster, with reports of ${group}`, (beforeTests) => {
    let cluster: Cluster;
    let gate: KubernetesGate;
    beforeTests(async (opening) => {
      cluster = await opening.cluster();
      await cluster.must(['apply', '-f', '-'], definition(reports));
      await cluster.must(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
      for (const namespace of ['old', 'shop']) await cluster.must(['create', 'namespace', namespace]);
      await startPod('old', 'before', images.bad, digests.bad);
      const kubeconfig = await account();
      gate = opening.closing(
        await openGate(cluster, {
          config: { cluster: 'prod', webhook: { running: { kubeconfig, reports: group } } },
        }),
      );
      await startPod('shop', 'web', images.clean, digests.clean);
    });

    /** The rights that the chart gives with `webhook.running.reports`; the plain manifests have them without reports. */
    async function account(): Promise<string> {
      const role = [
        'create',
        'clusterrole',
        'reports',
        `--resource=${plural}.${group}`,
        '--verb=list,create,patch,delete',
      ];
      await cluster.must(role);
      const binding = ['create', 'clusterrolebinding', 'reports', '--clusterrole=reports'];
      await cluster.must([...binding, '--serviceaccount=pratique:pratique-webhook']);
      return `${cluster.dir}/pratique-webhook.kubeconfig`;
    }

    /** As a node would tell that it runs. */
    async function startPod(namespace: string, name: string, image: string, digest: string): Promise<void> {
      await cluster.must(
        ['-n', namespace, 'create', '-f', '-'],
        pod(image, { name, spec: { nodeName: 'node-1', containers: [{ name: 'web', image }] } }),
      );
      const startedAt = new Date().toISOString();
      const status = {
        phase: 'Running',
        startTime: startedAt,
        containerStatuses: [
          {
            name: 'web',
            image,
            imageID: `registry.corp/team/app@${digest}`,
            ready: true,
            started: true,
            restartCount: 0,
            state: { running: { startedAt } },
          },
        ],
      };
      const patch = ['-n', namespace, 'patch', 'pod', name, '--subresource=status', '--type=merge', '-p'];
      await cluster.must([...patch, JSON.stringify({ status })]);
    }

    const report = async (namespace: string): Promise<Report | null> => {
      const { code, out } = await cluster.kubectl([
        '-n',
        namespace,
        'get',
        `${plural}.${group}`,
        'pratique',
        '-o',
        'json',
      ]);
      return code === 0 ? (JSON.parse(out) as Report) : null;
    };
    const events = async (namespace: string) =>
      (await cluster.get<{ items: KubeEvent[] }>('-n', namespace, 'events')).items.filter(
        ({ reason }) => reason === 'PratiqueImageWentBad',
      );

    it('is reported in each namespace', async () => {
      await until(
        'both namespaces have a report',
        async () =>
          ((await report('old'))?.summary.fail ?? 0) > 0 && ((await report('shop'))?.summary.pass ?? 0) > 0,
      );
      const old = await report('old');
      expect(old?.summary).toMatchObject({ pass: 0, fail: 1 });
      const [result] = old?.results ?? [];
      expect(result).toMatchObject({ result: 'fail', severity: 'critical' });
      expect(JSON.stringify(result)).toContain('CVE-2026-1001');
      expect(result?.resources).toEqual([expect.objectContaining({ kind: 'Pod', name: 'before' })]);
      expect((await report('shop'))?.summary).toMatchObject({ pass: 1, fail: 0 });
    });

    it('is told when it goes bad: by an Event on the Pod, and in the report', async () => {
      expect(await events('shop')).toEqual([]);
      await importFeeds(gate.stage.dir, laterFeeds);
      await until('there is an Event', async () => (await events('shop')).length > 0, 90_000);
      const [event] = await events('shop');
      expect(event).toMatchObject({ type: 'Warning', involvedObject: { name: 'web' } });
      expect(event?.message).toContain('CVE-2026-1003');
      await until('the report says so', async () => (await report('shop'))?.summary.fail === 1);
      expect(JSON.stringify((await report('shop'))?.results)).toContain('CVE-2026-1003');
    });

    it('is in the metrics', async () => {
      const metrics = await (await fetch(`${gate.stage.pratique.management}/metrics`)).text();
      expect(metrics).toMatch(/^pratique_running_images\{.*status="fail".*\} 2$/m);
      expect(metrics).toMatch(/^pratique_running_leader 1$/m);
    });

    it('is reported no more when it has stopped', async () => {
      await cluster.must(['-n', 'old', 'delete', 'pod', 'before', '--force', '--timeout=30s']);
      await until('the report is gone', async () => (await report('old')) === null, 90_000);
    });

    it('still runs, though it could not be started now', async () => {
      expect((await cluster.kubectl(['-n', 'shop', 'label', 'pod', 'web', 'a=b'])).code).toBe(0);
      const { err } = await cluster.kubectl(['-n', 'shop', 'run', 'again', `--image=${images.clean}`]);
      expect(err).toContain('CVE-2026-1003');
    });
  });
}
