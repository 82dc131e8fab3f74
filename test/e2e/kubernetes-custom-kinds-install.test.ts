import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import type { Cluster } from './support/kubernetes.ts';
import { chain, customKinds, defineCustomKinds, group, rollout } from './support/kubernetes-custom.ts';
import {
  badSentence,
  denied,
  images,
  type KubernetesGate,
  openGate,
  startsWith,
} from './support/kubernetes-gate.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

/** In this order: from a cluster without a webhook to one that enforces, and back. */
describeCluster("pratique webhook and kinds of one's own", (beforeTests) => {
  let cluster: Cluster;
  let gate: KubernetesGate;
  let config = '';
  let misfit = '';
  beforeTests(async (opening) => {
    const dir = temporaryDirectory();
    cluster = await opening.cluster();
    await defineCustomKinds(cluster);
    gate = opening.closing(
      await openGate(cluster, { registration: null, config: { webhook: { kinds: customKinds } } }),
    );
    config = join(dir, 'pratique.yaml');
    writeFileSync(config, JSON.stringify({ webhook: { kinds: customKinds } }));
    misfit = join(dir, 'misfit.yaml');
    const unknown = { group, version: 'v1beta1', kind: 'Rollout', podTemplate: 'spec.template' };
    writeFileSync(misfit, JSON.stringify({ webhook: { kinds: [...customKinds, unknown] } }));
  });

  const pratique = (...args: readonly string[]) =>
    runCli(['webhook', ...args, '--kubeconfig', cluster.kubeconfig]);
  /** What the API server sends of this group. */
  const sent = async (kind = 'validating'): Promise<string[]> => {
    const found = await cluster.get<{
      webhooks: { rules: { apiGroups: string[]; resources: string[] }[] }[];
    }>(`${kind}webhookconfiguration`, 'pratique');
    const rules = found.webhooks.flatMap((webhook) => webhook.rules);
    return rules.filter(({ apiGroups }) => apiGroups[0] === group).flatMap(({ resources }) => resources);
  };

  it('a kind that the cluster does not have is told, and nothing is installed', async () => {
    const { code, err } = await pratique('install', '--url', gate.url, '--config', misfit);
    expect([code, err]).toEqual([2, expect.stringContaining(`${group}/v1beta1/Rollout, which`)]);
    expect((await cluster.kubectl(['get', 'validatingwebhookconfiguration', 'pratique'])).code).toBe(1);
  });

  it('install has them sent under their plural names', async () => {
    const { code, out } = await pratique('install', '--url', gate.url, '--config', config);
    expect([code, out]).toEqual([
      0,
      expect.stringContaining(`also judged: Rollout.${group}, Chain.${group}`),
    ]);
    expect(await sent()).toEqual(['rollouts', 'chains']);
  });

  it('in audit whoever makes one that would be refused is warned', async () => {
    const { code, err } = await cluster.create(rollout(images.bad, 'audit'));
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(startsWith('Warning: Pratique would refuse this: ')),
    ]);
  });

  it('status tells of images that no Pod and nothing but them names', async () => {
    const { code, out } = await pratique('status');
    expect([code, out]).toEqual([1, expect.stringMatching(/1 of 1 image would be refused/)]);
    expect(out).toMatch(new RegExp(`also judged +Rollout.${group}, Chain.${group}`));
  });

  it('enforce refuses them, and goes on to send them', async () => {
    expect(await pratique('enforce', '--yes')).toMatchObject({ code: 0, err: '' });
    expect(await sent()).toEqual(['rollouts', 'chains']);
    for (const object of [rollout(images.bad, 'bad'), chain(images.clean, images.bad)]) {
      const { err } = await cluster.create(object);
      expect(err).toMatch(startsWith(denied('error when creating "STDIN": ')));
      expect(err).toContain(badSentence);
    }
    expect((await cluster.create(chain(images.clean))).code).toBe(0);
  });

  it('install again keeps them without --config, also for the mutating webhook, and what others have added', async () => {
    const rule = {
      ...{ apiGroups: [group], apiVersions: ['v1alpha1'], operations: ['CREATE', 'UPDATE'] },
      ...{ resources: ['unnameds'], scope: 'Namespaced' },
    };
    const patch = JSON.stringify([{ op: 'add', path: '/webhooks/0/rules/-', value: rule }]);
    await cluster.must(['patch', 'validatingwebhookconfiguration', 'pratique', '--type=json', '-p', patch]);
    const { code, out, err } = await pratique('install', '--url', gate.url, '--mutate');
    expect([code, out, err]).toEqual([0, expect.stringContaining(`, unnameds.${group}`), '']);
    expect(await sent()).toEqual(['rollouts', 'chains', 'unnameds']);
    expect(await sent('mutating')).toEqual(['rollouts', 'chains', 'unnameds']);
  });

  it('uninstall has them sent no more', async () => {
    expect((await pratique('uninstall')).code).toBe(0);
    expect((await cluster.create(rollout(images.bad, 'after'))).code).toBe(0);
  });
});
