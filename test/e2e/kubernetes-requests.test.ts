import { expect, it } from '@jest/globals';
import type { Cluster } from './support/kubernetes.ts';
import {
  badSentence,
  denied,
  digests,
  images,
  openGate,
  startsWith,
  until,
} from './support/kubernetes-gate.ts';
import { deployment, pod } from './support/kubernetes-objects.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

interface StoredPod {
  readonly spec: { readonly containers: readonly { readonly image: string }[]; readonly nodeName?: string };
}

/** What comes to an API server beside plain objects; pinned, as most clusters will have it. */
describeCluster('requests of other kinds in a real cluster', (beforeTests) => {
  let cluster: Cluster;
  beforeTests(async (opening) => {
    cluster = await opening.cluster();
    await cluster.must(['create', '-f', '-'], pod(images.bad, { name: 'old' }));
    await cluster.must(['create', '-f', '-'], deployment(images.bad, 'old'));
    for (const name of ['a', 'b'])
      await cluster.must(
        ['create', '-f', '-'],
        pod(images.bad, { name, metadata: { labels: { all: 'of-them' } } }),
      );
    opening.closing(await openGate(cluster, { registration: { mutate: true } }));
  });

  const post = async (path: string, body: object) => {
    return await cluster.kubectl(['create', '--raw', path, '-f', '-'], body);
  };
  const imageOf = async (name: string) =>
    (await cluster.get<StoredPod>('pod', name)).spec.containers[0]?.image;

  it('apply --server-side of a pinned Pod changes nothing the second time, and another manager is told whose the image is', async () => {
    const apply = (manager: string) =>
      cluster.kubectl(
        ['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'],
        pod(images.clean, { name: 'applied' }),
      );
    for (const _time of ['first', 'second']) expect(await apply('one')).toMatchObject({ code: 0, err: '' });
    expect(await imageOf('applied')).toBe(`${images.clean}@${digests.clean}`);
    const { code, err } = await apply('other');
    expect([code, err]).toEqual([1, expect.stringContaining('conflict with "one": .spec.containers')]);
  });

  it('set image of a Pod is pinned or refused', async () => {
    const set = (image: string) => cluster.kubectl(['set', 'image', 'pod/applied', `web=${image}`]);
    expect((await set(images.bad)).err).toContain(badSentence);
    expect((await set(images.other)).code).toBe(0);
    expect(await imageOf('applied')).toContain(`${images.other}@sha256:`);
  });

  it('replace --force deletes first, and then what is refused is not made', async () => {
    await cluster.must(['create', '-f', '-'], pod(images.clean, { name: 'replaced' }));
    const replace = (image: string) =>
      cluster.kubectl(
        ['replace', '--force', '--grace-period=0', '-f', '-'],
        pod(image, { name: 'replaced' }),
      );
    expect((await replace(images.clean)).code).toBe(0);
    expect((await replace(images.bad)).err).toContain(badSentence);
    expect((await cluster.kubectl(['get', 'pod', 'replaced'])).err).toContain('NotFound');
  });

  it('rollout restart of what was there before is let through: its Pods are judged', async () => {
    expect((await cluster.kubectl(['rollout', 'restart', 'deployment/old'])).code).toBe(0);
  });

  it('a Pod that was there before is bound, resized, evicted', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    const target = { apiVersion: 'v1', kind: 'Node', name: 'node-1' };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'old' }, target };
    expect(await post(`${pods}/old/binding`, binding)).toMatchObject({ code: 0 });
    expect((await cluster.get<StoredPod>('pod', 'old')).spec.nodeName).toBe('node-1');
    const resources = { requests: { cpu: '10m' } };
    const resize = JSON.stringify({ spec: { containers: [{ name: 'web', resources }] } });
    const resized = await cluster.kubectl(['patch', 'pod', 'old', '--subresource=resize', '-p', resize]);
    // Quality of service may not change by it: so says the API server itself, and not Pratique.
    expect(resized.err).not.toContain('Pratique');
    const eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'old', namespace: 'default' },
    };
    expect(await post(`${pods}/old/eviction`, eviction)).toMatchObject({ code: 0 });
  });

  it('a resize changes no image', async () => {
    await cluster.must(['create', '-f', '-'], pod(images.clean, { name: 'resized' }));
    const resize = JSON.stringify({ spec: { containers: [{ name: 'web', image: images.bad }] } });
    await cluster.kubectl(['patch', 'pod', 'resized', '--subresource=resize', '-p', resize]);
    expect(await imageOf('resized')).toBe(`${images.clean}@${digests.clean}`);
  });

  it('a collection is deleted, whatever its images are', async () => {
    const { code, out } = await cluster.kubectl([
      'delete',
      'pods',
      '--selector=all=of-them',
      '--grace-period=0',
      '--force',
    ]);
    expect([code, out.match(/deleted/g)?.length]).toEqual([0, 2]);
  });

  it('a Pod that says that a node runs it from a file is judged as any other', async () => {
    const annotations = { 'kubernetes.io/config.mirror': 'abc', 'kubernetes.io/config.source': 'file' };
    const mirror = (image: string, name: string) =>
      cluster.create(
        pod(image, {
          name,
          metadata: { annotations },
          spec: { nodeName: 'node-1', containers: [{ name: 'web', image }] },
        }),
      );
    expect((await mirror(images.bad, 'mirror-bad')).err).toContain(badSentence);
    expect((await mirror(images.clean, 'mirror')).code).toBe(0);
  });

  it('an image volume is judged whatever its pullPolicy is', async () => {
    for (const pullPolicy of ['Always', 'Never', 'IfNotPresent']) {
      const volumes = (reference: string) => [{ name: 'v', image: { reference, pullPolicy } }];
      const spec = { volumes: volumes(images.bad) };
      expect((await cluster.create(pod(images.clean, { name: 'volume', spec }))).err).toContain(badSentence);
    }
  });

  it.each([
    ['as it is', 1_300_000, 'x'],
    // Six bytes for one in Go's JSON.
    ['in need of escapes', 1_300_000, '<'],
  ])(
    'an object as large as etcd takes, %s, is judged, changed and freed of its finalizers',
    async (_what, bytes, fill) => {
      const name = `large-${fill === 'x' ? 'plain' : 'escaped'}`;
      const large = (image: string) => ({
        name,
        metadata: { finalizers: ['example.org/hold'] },
        spec: { containers: [{ name: 'web', image, env: [{ name: 'FILL', value: fill.repeat(bytes) }] }] },
      });
      // As it is: kubectl would escape it, and the API server takes 3 MiB.
      const send = (image: string) => post('/api/v1/namespaces/default/pods', pod(image, large(image)));
      expect((await send(images.bad)).err).toMatch(startsWith(denied()));
      expect(await send(images.clean)).toMatchObject({ code: 0, err: '' });
      expect(await cluster.kubectl(['label', 'pod', name, 'a=b'])).toMatchObject({ code: 0, err: '' });
      const changed = await cluster.kubectl(['set', 'image', `pod/${name}`, `web=${images.bad}`]);
      expect(changed.err).toContain(badSentence);
      await cluster.must(['delete', 'pod', name, '--wait=false', '--grace-period=0', '--force']);
      const free = ['patch', 'pod', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}'];
      expect((await cluster.kubectl(free)).code).toBe(0);
      expect((await cluster.kubectl(['get', 'pod', name])).err).toContain('NotFound');
    },
  );

  it('what is larger is refused by the API server itself', async () => {
    const env = [{ name: 'FILL', value: 'x'.repeat(3_200_000) }];
    const spec = { containers: [{ name: 'web', image: images.clean, env }] };
    expect((await cluster.create(pod(images.clean, { name: 'too-large', spec }))).err).toContain(
      'Request entity too large',
    );
  });

  it("stands beside a policy of the cluster's own, and both refuse", async () => {
    const head = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: 'needs-team' } };
    await cluster.must(['apply', '-f', '-'], {
      ...head,
      kind: 'ValidatingAdmissionPolicy',
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
          ],
        },
        validations: [
          { expression: "'team' in object.metadata.?labels.orValue({})", message: 'a team is missing' },
        ],
      },
    });
    await cluster.must(['apply', '-f', '-'], {
      ...head,
      kind: 'ValidatingAdmissionPolicyBinding',
      spec: { policyName: 'needs-team', validationActions: ['Deny'] },
    });
    const team = { labels: { team: 'web' } };
    await until('the policy is in force', async () =>
      /a team is missing/.test(
        (await cluster.kubectl(['run', 'x', `--image=${images.clean}`, '--dry-run=server'])).err,
      ),
    );
    expect((await cluster.create(pod(images.bad, { name: 'team-bad', metadata: team }))).err).toContain(
      badSentence,
    );
    expect((await cluster.create(pod(images.clean, { name: 'team', metadata: team }))).code).toBe(0);
  });
});
