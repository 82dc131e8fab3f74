import { expect, it } from '@jest/globals';
import { runCli } from '../support/pratique.ts';
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
import { deployment, pod } from './support/kubernetes-objects.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

/** In this order: from a cluster without a webhook to one that enforces, and back. */
describeCluster('pratique webhook in a real cluster', (beforeTests) => {
  let cluster: Cluster;
  let gate: KubernetesGate;
  beforeTests(async (opening) => {
    cluster = await opening.cluster();
    await cluster.must(['create', '-f', '-'], pod(images.bad, { name: 'before' }));
    const status = JSON.stringify({ status: { phase: 'Running' } });
    await cluster.must(['patch', 'pod', 'before', '--subresource=status', '--type=merge', '-p', status]);
    gate = opening.closing(await openGate(cluster, { registration: null }));
  });

  const pratique = (...args: readonly string[]) =>
    runCli(['webhook', ...args, '--kubeconfig', cluster.kubeconfig]);
  const unasked = (name: string) => cluster.create(pod(images.bad, { name }));

  it('status says that it is not installed', async () => {
    const { code, out } = await pratique('status');
    expect([code, out]).toEqual([3, expect.stringContaining('"pratique" is not installed')]);
  });

  it('install lets the API server ask, in audit', async () => {
    const { code, out } = await pratique('install', '--url', gate.url);
    expect([code, out]).toEqual([0, expect.stringContaining('the webhook is reached')]);
  });

  it('everything is let in, with a warning of what would be refused', async () => {
    const { code, out, err } = await cluster.create(deployment(images.bad));
    expect([code, out]).toEqual([0, 'deployment.apps/web created\n']);
    expect(err).toMatch(
      startsWith(
        `Warning: Pratique would refuse this: container "web": ${images.bad}@${digests.bad}: CVE-2026-1001`,
      ),
    );
    expect(await cluster.create(deployment(images.clean, 'clean'))).toEqual({
      code: 0,
      out: 'deployment.apps/clean created\n',
      err: '',
    });
    const found = cluster.audit().find(({ objectRef }) => objectRef?.name === 'web');
    expect(found?.annotations?.['images.pratique.dev/would-refuse']).toContain(badSentence);
  });

  it('status tells what would be refused, and what of it runs', async () => {
    const { code, out } = await pratique('status');
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/1 of 2 images would be refused, 1 of them running/),
    ]);
    expect(out).toMatch(/reached +yes/);
    expect(out).toContain('CVE-2026-1001');
  });

  it('enforce changes nothing where something that runs would be refused', async () => {
    const { code, out } = await pratique('enforce');
    expect([code, out]).toEqual([1, expect.stringContaining('would be refused')]);
    expect((await unasked('audit')).code).toBe(0);
  });

  it('enforce --yes refuses from then on, but in the namespaces that are left out', async () => {
    const { code, err } = await pratique('enforce', '--yes');
    expect([code, err]).toEqual([0, '']);
    await until(
      'it is refused',
      async () =>
        (await cluster.kubectl(['run', 'x', `--image=${images.bad}`, '--dry-run=server'])).code === 1,
    );
    const refused = await unasked('refused');
    expect(refused.err).toMatch(startsWith(denied('error when creating "STDIN": ')));
    for (const namespace of ['kube-system', 'pratique']) {
      expect((await cluster.create(pod(images.bad, { name: 'free', namespace }))).code).toBe(0);
    }
    expect((await cluster.kubectl(['delete', 'pod', 'before', '--timeout=30s'])).code).toBe(0);
  });

  it('install again keeps the mode', async () => {
    expect((await pratique('install', '--url', gate.url)).out).toContain('enforce');
    expect((await unasked('again')).code).toBe(1);
  });

  it('enforce --off goes back to audit', async () => {
    expect((await pratique('enforce', '--off')).code).toBe(0);
    await until(
      'it is let in',
      async () =>
        (await cluster.kubectl(['run', 'x', `--image=${images.bad}`, '--dry-run=server'])).code === 0,
    );
    expect((await unasked('off')).err).toContain('Warning: Pratique would refuse this: ');
  });

  it('in audit nobody notices that the webhook is away, and enforce does not switch then', async () => {
    await gate.stage.pratique.stop('SIGKILL');
    expect((await unasked('away')).code).toBe(0);
    const { code, err } = await pratique('enforce', '--yes', '--timeout', '10s');
    expect([code, err]).toEqual([2, expect.stringContaining('the API server does not reach it')]);
    expect((await unasked('still-away')).code).toBe(0);
  });

  it('uninstall has it ask nobody any more, also while the webhook is away', async () => {
    expect((await pratique('uninstall')).code).toBe(0);
    const found = await cluster.must([
      'get',
      'validatingwebhookconfigurations,mutatingwebhookconfigurations',
      '-o',
      'name',
    ]);
    expect(found).toBe('');
    expect((await pratique('status')).code).toBe(3);
  });
});
