import { describe, expect, it } from '@jest/globals';
import type { Cluster } from './kubernetes.ts';
import { badSentence, denied, digests, images, type KubernetesGate, startsWith } from './kubernetes-gate.ts';
import { debugging, deployment, pod, templateKinds } from './kubernetes-objects.ts';
import { describeCluster } from './kubernetes-suite.ts';

const creating = denied('error when creating "STDIN": ');
const badIn = (place: string): string =>
  `: ${place}: ${images.bad}@${digests.bad}: ${badSentence} (policy baseline, binding default)`;

/** What users and controllers send to an API server that asks Pratique, whichever process answers. */
export function describeObjects(
  title: string,
  openGate: (cluster: Cluster) => Promise<KubernetesGate>,
): void {
  describeCluster(`objects of a real cluster, ${title}`, (beforeTests) => {
    let cluster: Cluster;
    let gate: KubernetesGate;
    beforeTests(async (opening) => {
      cluster = await opening.cluster();
      // Before the webhook is there: what a cluster has when Pratique comes.
      await cluster.must(['create', 'namespace', 'old']);
      await cluster.must(['-n', 'old', 'create', '-f', '-'], deployment(images.bad));
      const finalizers = ['example.org/hold'];
      await cluster.must(
        ['-n', 'old', 'create', '-f', '-'],
        pod(images.bad, { name: 'held', metadata: { finalizers } }),
      );
      await cluster.must(['-n', 'old', 'create', '-f', '-'], pod(images.bad, { name: 'plain' }));
      gate = opening.closing(await openGate(cluster));
    });

    const refusedWith = (beginning: string) => ({
      code: 1,
      out: '',
      err: expect.stringMatching(startsWith(beginning)),
    });
    const made = (text: string) => ({ code: 0, out: `${text}\n`, err: '' });

    describe.each([
      ['Pod', 'pod', (image: string, name: string) => pod(image, { name })] as const,
      ...templateKinds,
    ])('a %s', (kind, resource, of) => {
      it('is made with an image that is cleared', async () => {
        expect(await cluster.create(of(images.clean, 'kinds'))).toEqual(made(`${resource}/kinds created`));
      });

      it('is refused with another, with container, image and reason', async () => {
        expect(await cluster.create(of(images.bad, 'kinds-bad'))).toEqual(
          refusedWith(creating + badIn('container "web"')),
        );
        const { err } = await cluster.kubectl(['get', kind, 'kinds-bad']);
        expect(err).toContain('NotFound');
      });

      it('is not changed to an image that is refused', async () => {
        const change = await cluster.kubectl(['apply', '-f', '-'], of(images.bad, 'kinds'));
        // A Job's template can never be changed: the API server sees that first.
        const reason = kind === 'Job' ? 'field is immutable' : badSentence;
        expect([kind, change.code, change.err]).toEqual([kind, 1, expect.stringContaining(reason)]);
        expect(await cluster.must(['get', kind, 'kinds', '-o', 'json'])).not.toContain(images.bad);
      });
    });

    describe('kubectl', () => {
      it('run', async () => {
        expect(await cluster.kubectl(['run', 'run', `--image=${images.clean}`])).toEqual(
          made('pod/run created'),
        );
        expect(await cluster.kubectl(['run', 'run-bad', `--image=${images.bad}`])).toEqual(
          refusedWith(denied() + badIn('container "run-bad"')),
        );
      });

      it('create deployment, set image, scale', async () => {
        await cluster.must(['create', 'deployment', 'shop', `--image=${images.clean}`, '--replicas=0']);
        const set = await cluster.kubectl(['set', 'image', 'deployment/shop', `app=${images.bad}`]);
        expect([set.code, set.err]).toEqual([
          1,
          expect.stringMatching(
            startsWith(
              'error: failed to patch image update to pod template: admission webhook "images.pratique.dev" denied the request: Blocked by Pratique',
            ),
          ),
        ]);
        expect(await cluster.kubectl(['set', 'image', 'deployment/shop', `app=${images.other}`])).toEqual(
          made('deployment.apps/shop image updated'),
        );
        expect(await cluster.kubectl(['scale', 'deployment/shop', '--replicas=2'])).toEqual(
          made('deployment.apps/shop scaled'),
        );
      });

      it('debug adds an ephemeral container that is cleared, and no other', async () => {
        await cluster.must(['create', '-f', '-'], pod(images.clean, { name: 'debugged' }));
        const debug = (name: string, image: string) => cluster.kubectl(debugging('debugged', name, image));
        expect(await debug('bad', images.bad)).toEqual({
          code: 1,
          out: '',
          err: expect.stringContaining(badIn('ephemeral container "bad"')),
        });
        expect((await debug('good', images.other)).code).toBe(0);
        const { spec } = await cluster.get<{ spec: { ephemeralContainers: { image: string }[] } }>(
          'pod',
          'debugged',
        );
        expect(spec.ephemeralContainers.map(({ image }) => image)).toEqual([images.other]);
      });

      it('apply by client and server, and patch', async () => {
        for (const how of [['apply'], ['apply', '--server-side']]) {
          const name = `by-${how.join('')}`;
          const apply = (image: string) => cluster.kubectl([...how, '-f', '-'], deployment(image, name));
          expect((await apply(images.bad)).err).toContain(badIn('container "web"'));
          expect((await apply(images.clean)).code).toBe(0);
          expect((await apply(images.bad)).err).toContain(badIn('container "web"'));
          expect((await apply(images.clean)).code).toBe(0);
          const patch = (image: string, type: string) =>
            cluster.kubectl([
              ...['patch', 'deployment', name, `--type=${type}`, '-p'],
              JSON.stringify({ spec: { template: { spec: { containers: [{ name: 'web', image }] } } } }),
            ]);
          for (const type of ['strategic', 'merge']) {
            expect(await patch(images.bad, type)).toEqual(refusedWith(denied() + badIn('container "web"')));
            expect((await patch(images.other, type)).code).toBe(0);
            expect((await patch(images.clean, type)).code).toBe(0);
          }
        }
      });

      it('create --dry-run=server says the same and stores nothing', async () => {
        expect(await cluster.create(pod(images.bad, { name: 'dry' }), '--dry-run=server')).toEqual(
          refusedWith(creating + badIn('container "web"')),
        );
        expect(await cluster.create(pod(images.clean, { name: 'dry' }), '--dry-run=server')).toEqual(
          made('pod/dry created (server dry run)'),
        );
        expect((await cluster.kubectl(['get', 'pod', 'dry'])).err).toContain('NotFound');
      });

      it('shows warnings of what is let in', async () => {
        const { code, err } = await cluster.create(pod(images.warned, { name: 'warned' }));
        expect([code, err]).toEqual([
          0,
          expect.stringMatching(startsWith(`Warning: Pratique: ${images.warned}: `)),
        ]);
        expect(err).toContain('CVE-2026-1002');
      });
    });

    describe('a Pod', () => {
      it.each([
        ['init container "init"', { initContainers: [{ name: 'init', image: images.bad }] }],
        [
          'init container "sidecar"',
          { initContainers: [{ name: 'sidecar', image: images.bad, restartPolicy: 'Always' }] },
        ],
        ['volume "model"', { volumes: [{ name: 'model', image: { reference: images.bad } }] }],
      ])('is refused for its %s', async (place, spec) => {
        expect(await cluster.create(pod(images.clean, { name: 'parts', spec }))).toEqual(
          refusedWith(creating + badIn(place)),
        );
      });

      it('is made with an image volume that is cleared', async () => {
        const spec = { volumes: [{ name: 'model', image: { reference: images.other } }] };
        expect(await cluster.create(pod(images.clean, { name: 'volume', spec }))).toEqual(
          made('pod/volume created'),
        );
      });

      it('names every image that is refused, in a line each', async () => {
        const spec = { initContainers: [{ name: 'init', image: images.elsewhere }] };
        const { err } = await cluster.create(pod(images.bad, { name: 'two', spec }));
        expect(err).toMatch(
          startsWith(`${creating}, 2 images:\ninit container "init": ${images.elsewhere}: `),
        );
        expect(err).toContain(`\n${badIn('container "web"').slice(2)}`);
      });

      it.each([
        [
          'of a registry that nobody knows',
          images.elsewhere,
          /the registry registry\.elsewhere is not known to Pratique: add it to its upstreams/,
        ],
        ['that is not there', images.missing, /has nothing there/],
        ['that is no reference', 'registry.corp/UPPER:1', /is not a repository name/],
        [
          'with a digest that is not there',
          `registry.corp/team/app@sha256:${'0'.repeat(64)}`,
          /has nothing there/,
        ],
      ])('is refused with an image %s', async (_what, image, reason) => {
        const { code, err } = await cluster.create(pod(image, { name: 'odd' }));
        expect([code, err]).toEqual([1, expect.stringMatching(reason)]);
        expect(err).toMatch(startsWith(creating));
      });

      it('is refused by name, with a digest, and under the name of the proxy', async () => {
        const proxy = `127.0.0.1:${gate.stage.pratique.ports.registry}/corp/team/app`;
        for (const image of [
          `${proxy}:bad`,
          `${proxy}@${digests.bad}`,
          `registry.corp/team/app@${digests.bad}`,
        ]) {
          const { err } = await cluster.create(pod(image, { name: 'spelt' }));
          expect([image, err]).toEqual([image, expect.stringContaining(badSentence)]);
        }
        expect((await cluster.create(pod(`${proxy}:clean`, { name: 'spelt' }))).code).toBe(0);
      });

      it('with generateName is made and refused', async () => {
        const metadata = { name: undefined, generateName: 'gen-' };
        expect((await cluster.create(pod(images.clean, { metadata }))).out).toMatch(
          /^pod\/gen-[a-z0-9]{5} created/,
        );
        expect(await cluster.create(pod(images.bad, { metadata }))).toEqual(
          refusedWith(creating + badIn('container "web"')),
        );
      });

      it('is refused whatever its author writes into it', async () => {
        const uid = '11111111-2222-3333-4444-555555555555';
        const metadata = {
          labels: { 'app.kubernetes.io/name': 'pratique', 'pratique.dev/exempt': 'true' },
          annotations: {
            'pratique.dev/verified': 'true',
            'kubernetes.io/config.source': 'file',
            'kubernetes.io/config.mirror': 'abc',
            'kubernetes.io/config.hash': 'abc',
          },
          ownerReferences: [
            { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'real', uid, controller: true },
          ],
        };
        const spec = { nodeName: 'node-1', priorityClassName: 'system-node-critical' };
        expect(await cluster.create(pod(images.bad, { name: 'forged', metadata, spec }))).toEqual(
          refusedWith(creating + badIn('container "web"')),
        );
      });

      it('has its image changed to one that is cleared, and to no other', async () => {
        await cluster.must(['create', '-f', '-'], pod(images.clean, { name: 'changed' }));
        const set = (image: string) => cluster.kubectl(['set', 'image', 'pod/changed', `web=${image}`]);
        expect((await set(images.bad)).err).toContain(badIn('container "web"'));
        expect((await set(images.other)).code).toBe(0);
      });

      it('with an image that is being fetched for long waits, is refused with what to do, and is made later', async () => {
        const lift = gate.stage.upstream.fault(/team\/slow\/blobs/, { delay: 20_000 }, { times: 1 });
        const { code, err } = await cluster.create(pod(images.slow, { name: 'slow' }));
        expect([code, err]).toEqual([
          1,
          expect.stringMatching(
            /not yet: (?:nothing is known of it here yet; )?it is being inspected; try again/,
          ),
        ]);
        lift();
        expect(await cluster.create(pod(images.slow, { name: 'slow' }))).toEqual(made('pod/slow created'));
      });
    });

    describe('what was there before and would be refused now', () => {
      it('can be labelled, scaled and patched elsewhere', async () => {
        for (const args of [
          ['label', 'deployment', 'web', 'team=shop'],
          ['annotate', 'pod', 'plain', 'note=x'],
          ['scale', 'deployment', 'web', '--replicas=3'],
          ['patch', 'deployment', 'web', '-p', '{"spec":{"template":{"metadata":{"labels":{"v":"2"}}}}}'],
          ['rollout', 'restart', 'deployment', 'web'],
        ]) {
          expect([args, await cluster.kubectl(['-n', 'old', ...args])]).toEqual([
            args,
            { code: 0, out: expect.anything(), err: '' },
          ]);
        }
      });

      it('can be deleted, and its finalizers be taken off', async () => {
        await cluster.must(['-n', 'old', 'delete', 'pod', 'plain', '--timeout=30s']);
        await cluster.must(['-n', 'old', 'delete', 'pod', 'held', '--wait=false']);
        const { metadata } = await cluster.get<{ metadata: { deletionTimestamp?: string } }>(
          '-n',
          'old',
          'pod',
          'held',
        );
        expect(metadata.deletionTimestamp).toBeDefined();
        await cluster.must([
          '-n',
          'old',
          'patch',
          'pod',
          'held',
          '--type=merge',
          '-p',
          '{"metadata":{"finalizers":null}}',
        ]);
        expect((await cluster.kubectl(['-n', 'old', 'get', 'pod', 'held'])).err).toContain('NotFound');
        await cluster.must(['-n', 'old', 'delete', 'deployment', 'web', '--timeout=30s']);
      });
    });

    it('the audit log of the API server says what was decided, by which binding', async () => {
      await cluster.must(['create', '-f', '-'], pod(images.clean, { name: 'audited' }));
      const found = cluster.audit().find(({ objectRef }) => objectRef?.name === 'audited');
      expect(found?.annotations).toMatchObject({
        'images.pratique.dev/image-0': `${images.clean}@${digests.clean} pass binding=default policy=baseline mode=enforce`,
      });
    });
  });
}
