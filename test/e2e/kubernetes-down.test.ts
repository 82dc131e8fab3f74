import { describe, expect, it } from '@jest/globals';
import type { Cluster } from './support/kubernetes.ts';
import {
  badSentence,
  denied,
  images,
  isAsked,
  type KubernetesGate,
  openGate,
  startsWith,
  until,
} from './support/kubernetes-gate.ts';
import { deployment, pod } from './support/kubernetes-objects.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

/** In this order: each part goes on from what the one before has left. */
describeCluster('a real API server whose webhook is away', (beforeTests) => {
  let cluster: Cluster;
  let gate: KubernetesGate;
  beforeTests(async (opening) => {
    cluster = await opening.cluster();
    gate = opening.closing(await openGate(cluster));
    await cluster.must(['create', '-f', '-'], deployment(images.clean));
    await cluster.must(['create', '-f', '-'], pod(images.clean, { name: 'before' }));
    await gate.stage.pratique.stop('SIGKILL');
  });

  const setPolicy = async (failurePolicy: string) => {
    const patch = [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: failurePolicy }];
    await cluster.must([
      'patch',
      'validatingwebhookconfiguration',
      'pratique',
      '--type=json',
      '-p',
      JSON.stringify(patch),
    ]);
  };

  describe('and whose failurePolicy is Fail', () => {
    it('refuses what would run an image, in the words of the API server', async () => {
      const { code, err } = await cluster.create(pod(images.clean, { name: 'down' }));
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(
          startsWith(
            'Error from server (InternalError): error when creating "STDIN": Internal error occurred: failed calling webhook "images.pratique.dev": failed to call webhook: Post "https://127.0.0.1:',
          ),
        ),
      ]);
      expect(err).toContain('connect: connection refused');
    });

    it.each(['kube-system', 'pratique'])(
      'lets objects of the namespace %s in, so that Pratique can start',
      async (namespace) => {
        const made = await cluster.create(pod(images.elsewhere, { name: 'start', namespace }));
        expect(made).toEqual({ code: 0, out: 'pod/start created\n', err: '' });
      },
    );

    it('lets objects be deleted and scaled, and all that runs no image be made', async () => {
      for (const args of [
        ['delete', 'pod', 'before', '--timeout=30s'],
        ['scale', 'deployment', 'web', '--replicas=1'],
        ['create', 'configmap', 'settings', '--from-literal=a=b'],
        ['create', 'namespace', 'other'],
      ]) {
        expect([args, (await cluster.kubectl(args)).code]).toEqual([args, 0]);
      }
    });
  });

  it('lets in what it cannot ask about where failurePolicy is Ignore', async () => {
    await setPolicy('Ignore');
    await until('failurePolicy is Ignore', async () => {
      return (
        (await cluster.create(pod(images.clean, { metadata: { name: undefined, generateName: 'ignored-' } })))
          .code === 0
      );
    });
    expect((await cluster.create(pod(images.bad, { name: 'let-in' }))).code).toBe(0);
    await setPolicy('Fail');
    await until('failurePolicy is Fail again', async () => {
      return (
        (await cluster.create(pod(images.clean, { metadata: { name: undefined, generateName: 'again-' } })))
          .code === 1
      );
    });
  });

  it('asks it again as soon as it is there, with nothing else done', async () => {
    await gate.stage.restart();
    await until('the webhook is asked', () => isAsked(cluster));
    expect((await cluster.create(pod(images.clean, { name: 'back' }))).code).toBe(0);
    const { err } = await cluster.create(pod(images.bad, { name: 'back-bad' }));
    expect(err).toMatch(startsWith(denied('error when creating "STDIN": ')));
    expect(err).toContain(badSentence);
  });

  it('what was let in meanwhile stays, and can be changed in other ways and deleted', async () => {
    expect((await cluster.kubectl(['label', 'pod', 'let-in', 'a=b'])).code).toBe(0);
    await cluster.must(['delete', 'pod', 'let-in', '--timeout=30s']);
  });
});
