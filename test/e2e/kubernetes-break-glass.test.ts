import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import type { Cluster } from './support/kubernetes.ts';
import { images, type KubernetesGate, openGate, until } from './support/kubernetes-gate.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

const asAda = ['--as=ada', '--as-group=oncall', '--as-group=system:authenticated'];
const asBob = ['--as=bob', '--as-group=developers', '--as-group=system:authenticated'];

/** In this order. */
describeCluster('break-glass in a real cluster', (beforeTests) => {
  let cluster: Cluster;
  let gate: KubernetesGate;
  beforeTests(async (opening) => {
    cluster = await opening.cluster();
    const keyFile = join(cluster.dir, 'break-glass-key');
    writeFileSync(keyFile, 'a-key-of-break-glass-with-many-characters-0123456789');
    const kubeconfig = join(cluster.dir, 'pratique-webhook.kubeconfig');
    await cluster.must(['create', 'namespace', 'shop']);
    // Both may do everything: what is asked here is what the webhook says.
    for (const group of ['oncall', 'developers']) {
      await cluster.must([
        'create',
        'clusterrolebinding',
        group,
        '--clusterrole=cluster-admin',
        `--group=${group}`,
      ]);
    }
    gate = opening.closing(
      await openGate(cluster, {
        config: { webhook: { breakGlass: { groups: ['oncall'], longest: '4h', keyFile, kubeconfig } } },
      }),
    );
    const items = parseAllDocuments(readFileSync('deploy/kubernetes/break-glass.yaml', 'utf8')).map(
      (document) => {
        const object = document.toJS() as { webhooks?: { clientConfig: object }[] };
        return object;
      },
    );
    const { webhooks } = await cluster.get<{ webhooks: { clientConfig: { caBundle: string } }[] }>(
      'validatingwebhookconfiguration',
      'pratique',
    );
    const caBundle = webhooks[0]?.clientConfig.caBundle;
    for (const item of items) {
      for (const webhook of item.webhooks ?? [])
        webhook.clientConfig = { url: `${gate.url}/break-glass`, caBundle };
    }
    await cluster.must(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    await until(
      'its webhook is asked',
      async () => (await open(asBob, 'pratique-break-glass-asked', '--dry-run=server')).code !== 0,
    );
  });

  const open = (as: readonly string[], name: string, ...args: readonly string[]) =>
    cluster.kubectl([...as, 'create', '-f', '-', ...args], {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'pratique', labels: { 'pratique.dev/break-glass': 'true' } },
      data: { namespaces: 'shop', for: '1h', reason: 'incident 4711: the fix cannot wait' },
    });
  const runBad = (as: readonly string[], namespace: string) =>
    cluster.kubectl([...as, '-n', namespace, 'run', 'bad', `--image=${images.bad}`, '--dry-run=server']);

  it('is refused to whoever is in no named group', async () => {
    const { code, err } = await open(asBob, 'pratique-break-glass-by-bob');
    expect([code, err]).toEqual([1, expect.stringContaining('break-glass.pratique.dev')]);
    expect((await runBad(asAda, 'shop')).code).toBe(1);
  });

  it('lets members of a group in for a while, in the namespaces that are named, with a warning', async () => {
    expect((await open(asAda, 'pratique-break-glass-by-ada')).err).toMatch(
      /^Warning: Pratique: until .* nothing is refused in shop/,
    );
    await until('it holds', async () => (await runBad(asAda, 'shop')).code === 0);
    expect((await runBad(asAda, 'shop')).err).toMatch(/^Warning: /);
    expect((await runBad(asAda, 'default')).code).toBe(1);
    // Controllers make most Pods, so it holds there for whoever sends them; only members can open it.
    expect((await runBad(asBob, 'shop')).err).toMatch(/^Warning: /);
  });

  it('is in the audit log of the API server', async () => {
    await cluster.must([...asAda, '-n', 'shop', 'run', 'fix', `--image=${images.bad}`]);
    const found = cluster
      .audit()
      .find(({ objectRef, verb }) => objectRef?.name === 'fix' && verb === 'create');
    expect(Object.keys(found?.annotations ?? {})).toEqual(
      expect.arrayContaining(['images.pratique.dev/break-glass', 'images.pratique.dev/would-refuse']),
    );
  });

  it('ends with its ConfigMap', async () => {
    await cluster.must([...asAda, '-n', 'pratique', 'delete', 'configmap', 'pratique-break-glass-by-ada']);
    await until('it is refused again', async () => (await runBad(asAda, 'shop')).code === 1);
  });
});
