import { expect, it } from '@jest/globals';
import type { Cluster } from './support/kubernetes.ts';
import { badSentence, digests, images, openGate, until } from './support/kubernetes-gate.ts';
import { deployment } from './support/kubernetes-objects.ts';
import { describeCluster, missingControllers } from './support/kubernetes-suite.ts';

interface List<T> {
  readonly items: readonly T[];
}
interface Pod {
  readonly metadata: {
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}
interface KubeEvent {
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

describeCluster(
  'Pods that controllers make',
  (beforeTests) => {
    let cluster: Cluster;
    beforeTests(async (opening) => {
      cluster = await opening.cluster({ controllers: true });
      for (const namespace of ['old', 'shop']) await cluster.must(['create', 'namespace', namespace]);
      await cluster.must(['-n', 'old', 'create', '-f', '-'], deployment(images.bad, 'web', 1));
      await until('the old Deployment has its Pod', async () => (await pods('old')).length === 1);
      opening.closing(await openGate(cluster));
    });

    const pods = async (namespace: string) => (await cluster.get<List<Pod>>('-n', namespace, 'pods')).items;
    const failures = async (namespace: string, kind: string) =>
      (
        await cluster.get<List<KubeEvent>>('-n', namespace, 'events', '--field-selector=reason=FailedCreate')
      ).items.filter(({ involvedObject }) => involvedObject.kind === kind);

    it('of a cleared image are made through the ReplicaSet of a Deployment', async () => {
      await cluster.must(['-n', 'shop', 'create', '-f', '-'], deployment(images.clean, 'web', 3));
      await until('three Pods are there', async () => (await pods('shop')).length === 3);
      for (const { metadata } of await pods('shop'))
        expect(metadata.ownerReferences?.[0]?.kind).toBe('ReplicaSet');
    });

    it('stay where they are when the webhook comes, and are not made anew where their image is refused', async () => {
      expect(await pods('old')).toHaveLength(1);
      await cluster.must(['-n', 'old', 'delete', 'pods', '--all', '--timeout=60s']);
      await until('the ReplicaSet says why', async () => (await failures('old', 'ReplicaSet')).length > 0);
      const [event] = await failures('old', 'ReplicaSet');
      expect(event?.message).toContain(
        'Error creating: admission webhook "images.pratique.dev" denied the request: Blocked by Pratique: container "web": ',
      );
      expect(event?.message).toContain(`${images.bad}@${digests.bad}: ${badSentence}`);
      expect(await pods('old')).toEqual([]);
      expect(await cluster.must(['-n', 'old', 'describe', 'replicaset'])).toContain(badSentence);
    });

    it('are made as soon as the Deployment names a cleared image', async () => {
      await cluster.must(['-n', 'old', 'set', 'image', 'deployment/web', `web=${images.clean}`]);
      await until('the Pod is there', async () => (await pods('old')).length === 1);
      const [made] = await pods('old');
      expect(made?.spec.containers[0]?.image).toContain('registry.corp/team/app');
    });

    it('go with their Deployment', async () => {
      await cluster.must(['-n', 'shop', 'delete', 'deployment', 'web', '--timeout=60s']);
      await until('no Pod is there', async () => (await pods('shop')).length === 0);
    });

    it('of a namespace go with it', async () => {
      await cluster.must(['delete', 'namespace', 'old', '--timeout=60s']);
    });
  },
  missingControllers(),
);
