import { expect, it } from '@jest/globals';
import type { Cluster } from './support/kubernetes.ts';
import {
  chain,
  customKinds,
  customPlurals,
  customTemplate,
  defineCustomKinds,
  group,
  rollout,
} from './support/kubernetes-custom.ts';
import { badSentence, denied, digests, images, openGate, startsWith } from './support/kubernetes-gate.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

describeCluster("kinds of one's own in a real cluster", (beforeTests) => {
  let cluster: Cluster;
  beforeTests(async (opening) => {
    cluster = await opening.cluster();
    await defineCustomKinds(cluster);
    await cluster.must(['create', '-f', '-'], rollout(images.bad, 'before'));
    opening.closing(
      await openGate(cluster, {
        registration: {
          rules: [
            {
              apiGroups: [group],
              apiVersions: ['v1alpha1'],
              operations: ['CREATE', 'UPDATE'],
              resources: Object.values(customPlurals),
              scope: 'Namespaced',
            },
          ],
        },
        config: { webhook: { kinds: customKinds } },
      }),
    );
  });

  const refused = denied('error when creating "STDIN": ');

  it('a Rollout is made with an image that is cleared, and refused with another', async () => {
    expect(await cluster.create(rollout(images.clean))).toEqual({
      code: 0,
      out: 'rollout.argoproj.io/web created\n',
      err: '',
    });
    const { code, err } = await cluster.create(rollout(images.bad, 'bad'));
    expect([code, err]).toEqual([1, expect.stringMatching(startsWith(refused))]);
    expect(err).toContain(`"web": ${images.bad}@${digests.bad}: ${badSentence}`);
  });

  it('a Rollout is changed to an image that is cleared, and to no other', async () => {
    const patch = (image: string) =>
      cluster.kubectl([
        'patch',
        'rollout.argoproj.io',
        'web',
        '--type=merge',
        '-p',
        JSON.stringify({ spec: { template: customTemplate(image) } }),
      ]);
    expect((await patch(images.bad)).err).toContain(badSentence);
    expect((await patch(images.other)).code).toBe(0);
  });

  it('one that was there before can be labelled, scaled and deleted', async () => {
    for (const args of [
      ['label', 'rollout.argoproj.io', 'before', 'a=b'],
      ['scale', 'rollout.argoproj.io', 'before', '--replicas=2'],
      ['delete', 'rollout.argoproj.io', 'before', '--timeout=30s'],
    ]) {
      const { code, err } = await cluster.kubectl(args);
      expect([args, code, err]).toEqual([args, 0, '']);
    }
  });

  it('every item of a list of templates is judged', async () => {
    expect((await cluster.create(chain(images.clean, images.bad))).err).toContain(badSentence);
    expect((await cluster.create(chain(images.clean, images.other))).code).toBe(0);
  });

  it('a kind that is sent and that nobody named is refused', async () => {
    const { err } = await cluster.create({
      apiVersion: `${group}/v1alpha1`,
      kind: 'Unnamed',
      metadata: { name: 'x' },
      spec: {},
    });
    expect(err).toContain('Pratique does not know where a Unnamed of argoproj.io/v1alpha1 names its images');
  });
});
