import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { bad, clean } from '../integration/stage.ts';
import { freePort } from '../support/free-port.ts';
import type { Cluster } from './support/kubernetes.ts';
import {
  badSentence,
  denied,
  digests,
  images,
  type KubernetesGate,
  openGate,
  startsWith,
  until,
} from './support/kubernetes-gate.ts';
import { debugging, deployment, pod } from './support/kubernetes-objects.ts';
import { describeCluster, missingControllers } from './support/kubernetes-suite.ts';

const pinned = `${images.clean}@${digests.clean}`;

interface Spec {
  readonly containers: readonly { readonly image: string }[];
  readonly initContainers?: readonly { readonly image: string }[];
  readonly ephemeralContainers?: readonly { readonly image: string }[];
  readonly volumes?: readonly { readonly image?: { readonly reference: string } }[];
}
interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: Spec;
}
interface Deployment {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly template: { readonly spec: Spec } };
}

describeCluster('mutation, as a real API server stores it', (beforeTests) => {
  let cluster: Cluster;
  let gate: KubernetesGate;
  beforeTests(async (opening) => {
    cluster = await opening.cluster({ controllers: true });
    gate = opening.closing(await openGate(cluster, { registration: { mutate: true } }));
    // The second configuration is told of the authority after the first.
    await until('tags are pinned', async () => {
      const args = ['run', 'asked', `--image=${images.clean}`, '--dry-run=server', '-o', 'json'];
      return (await cluster.must(args)).includes(digests.clean);
    });
  });

  const podNamed = (name: string) => cluster.get<Pod>('pod', name);

  it('pins every tag of a Pod', async () => {
    const spec = {
      initContainers: [{ name: 'init', image: images.clean }],
      volumes: [{ name: 'model', image: { reference: images.clean } }],
    };
    expect(await cluster.create(pod(images.clean, { name: 'pinned', spec }))).toEqual({
      code: 0,
      out: 'pod/pinned created\n',
      err: '',
    });
    const { spec: stored } = await podNamed('pinned');
    expect(stored.containers[0]?.image).toBe(pinned);
    expect(stored.initContainers?.[0]?.image).toBe(pinned);
    expect(stored.volumes?.map(({ image }) => image?.reference)).toContain(pinned);
  });

  it('pins ephemeral containers', async () => {
    await cluster.must(debugging('pinned', 'debug', images.clean));
    expect((await podNamed('pinned')).spec.ephemeralContainers?.[0]?.image).toBe(pinned);
  });

  it('leaves what has a digest as it is', async () => {
    const image = `registry.corp/team/app@${digests.clean}`;
    await cluster.create(pod(image, { name: 'digest' }));
    expect((await podNamed('digest')).spec.containers[0]?.image).toBe(image);
  });

  it('applied again changes nothing, also after the tag has moved', async () => {
    gate.stage.upstream.put('team/app', 'moving', clean);
    const object = pod('registry.corp/team/app:moving', { name: 'again' });
    await cluster.must(['apply', '-f', '-'], object);
    const before = await podNamed('again');
    expect(before.spec.containers[0]?.image).toBe(`registry.corp/team/app:moving@${digests.clean}`);
    gate.stage.upstream.put('team/app', 'moving', bad);
    for (const how of [['apply'], ['apply', '--server-side', '--force-conflicts']]) {
      expect((await cluster.kubectl([...how, '-f', '-'], object)).code).toBe(0);
      expect((await podNamed('again')).spec).toEqual(before.spec);
    }
  });

  it('is refused by what the tag stands for: the pinned digest is the judged one', async () => {
    const { code, err } = await cluster.create(pod(images.bad, { name: 'bad' }));
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        startsWith(
          `${denied('error when creating "STDIN": ')}: container "web": ${images.bad}@${digests.bad}: ${badSentence}`,
        ),
      ),
    ]);
  });

  it('is the same in a dry run, which stores nothing', async () => {
    const printed = await cluster.must(
      ['create', '-f', '-', '--dry-run=server', '-o', 'json'],
      pod(images.clean, { name: 'dry' }),
    );
    expect((JSON.parse(printed) as Pod).spec.containers[0]?.image).toBe(pinned);
    expect((await cluster.kubectl(['get', 'pod', 'dry'])).err).toContain('NotFound');
  });

  it('leaves Deployments as they are written, so that nothing differs from what Git holds', async () => {
    const object = deployment(images.clean, 'git', 0);
    await cluster.must(['apply', '-f', '-'], object);
    const { spec } = await cluster.get<Deployment>('deployment', 'git');
    expect(spec.template.spec.containers[0]?.image).toBe(images.clean);
    expect(await cluster.kubectl(['diff', '-f', '-'], object)).toMatchObject({ code: 0, out: '' });
    expect(await cluster.must(['apply', '-f', '-'], object)).toBe('deployment.apps/git unchanged\n');
  });

  (missingControllers() === null ? it : it.skip)(
    'pins the Pods of a Deployment, which then stands still (needs kube-controller-manager)',
    async () => {
      await cluster.must(['create', 'namespace', 'shop']);
      await cluster.must(['-n', 'shop', 'create', '-f', '-'], deployment(images.clean, 'web', 2));
      const pods = async () => (await cluster.get<{ items: Pod[] }>('-n', 'shop', 'pods')).items;
      await until('its Pods are there', async () => (await pods()).length === 2);
      const before = await pods();
      for (const { spec } of before) expect(spec.containers[0]?.image).toBe(pinned);
      // Controllers that saw a difference would go on at once.
      await sleep(2000);
      expect((await pods()).map(({ metadata }) => metadata.uid).sort()).toEqual(
        before.map(({ metadata }) => metadata.uid).sort(),
      );
      expect((await cluster.get<{ items: unknown[] }>('-n', 'shop', 'replicasets')).items).toHaveLength(1);
    },
  );

  it('is told by the audit log of the API server', async () => {
    const found = cluster
      .audit()
      .find(({ objectRef, verb }) => objectRef?.name === 'pinned' && verb === 'create');
    const values = Object.entries(found?.annotations ?? {});
    expect(values).toEqual(
      expect.arrayContaining([
        [expect.stringContaining('mutate.pratique.dev/'), expect.stringContaining(digests.clean)],
      ]),
    );
  });
});

describeCluster('rewriting, as a real API server stores it', (beforeTests) => {
  let cluster: Cluster;
  let proxy: string;
  beforeTests(async (opening) => {
    proxy = `pratique.corp.example:${await freePort()}`;
    cluster = await opening.cluster({ controllers: true });
    opening.closing(
      await openGate(cluster, {
        registration: { mutate: true },
        config: { publicNames: [proxy], webhook: { mutate: { templates: true, rewrite: { to: proxy } } } },
      }),
    );
    await until('images are rewritten', async () => {
      const args = ['run', 'asked', `--image=${images.clean}`, '--dry-run=server', '-o', 'json'];
      return (await cluster.must(args)).includes(proxy);
    });
  });

  it('names images of Pods through the proxy, by digest', async () => {
    await cluster.must(['create', '-f', '-'], pod(images.clean, { name: 'rewritten' }));
    const { spec } = await cluster.get<Pod>('pod', 'rewritten');
    expect(spec.containers[0]?.image).toBe(`${proxy}/corp/team/app:clean@${digests.clean}`);
    expect((await cluster.kubectl(['create', '-f', '-'], pod(images.bad, { name: 'bad' }))).err).toContain(
      badSentence,
    );
  });

  it('changes templates too where that is wanted, and once', async () => {
    const object = deployment(images.clean, 'web', 1);
    await cluster.must(['apply', '-f', '-'], object);
    const read = () => cluster.get<Deployment>('deployment', 'web');
    const before = await read();
    expect(before.spec.template.spec.containers[0]?.image).toBe(
      `${proxy}/corp/team/app:clean@${digests.clean}`,
    );
    await cluster.must(['apply', '-f', '-'], object);
    await sleep(2000);
    const after = await read();
    expect([after.metadata.generation, after.spec.template]).toEqual([
      before.metadata.generation,
      before.spec.template,
    ]);
    if (cluster.controllers) {
      const sets = await cluster.get<{ items: unknown[] }>('replicasets');
      expect(sets.items).toHaveLength(1);
    }
  });
});
