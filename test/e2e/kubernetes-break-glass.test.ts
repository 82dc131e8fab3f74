import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { freePort } from '../support/free-port.ts';
import type { Cluster } from './support/kubernetes.ts';
import { images, type KubernetesGate, openGate, until } from './support/kubernetes-gate.ts';
import type { ClusterPki } from './support/kubernetes-pki.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

const asAda = ['--as=ada', '--as-group=oncall', '--as-group=system:authenticated'];
const asBob = ['--as=bob', '--as-group=developers', '--as-group=system:authenticated'];

/** In the certificate that the API server shows to webhooks. */
const apiServerName = 'api-server-of-the-test';

/** Writes what tells an API server to show webhooks a certificate; gives the AdmissionConfiguration's file. */
function showCertificate(pki: ClusterPki, port: number): string {
  const dir = pki.folder;
  const { cert, key } = pki.issue('webhook-client', `/CN=${apiServerName}`, `DNS:${apiServerName}`);
  const kubeConfigFile = join(dir, 'webhooks.kubeconfig');
  const user = { 'client-certificate': cert, 'client-key': key };
  writeFileSync(
    kubeConfigFile,
    JSON.stringify({ apiVersion: 'v1', kind: 'Config', users: [{ name: `127.0.0.1:${port}`, user }] }),
  );
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'WebhookAdmissionConfiguration',
    kubeConfigFile,
  };
  const file = join(dir, 'admission.json');
  const plugins = ['ValidatingAdmissionWebhook', 'MutatingAdmissionWebhook'];
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AdmissionConfiguration',
      plugins: plugins.map((name) => ({ name, configuration })),
    }),
  );
  return file;
}

/** Whoever reaches the port, with a certificate of files or with none. */
function send(
  url: string,
  body: object,
  shown: { readonly cert: string; readonly key: string } | null,
): Promise<{ readonly status: number; readonly text: string }> {
  const pair = shown === null ? {} : { cert: readFileSync(shown.cert), key: readFileSync(shown.key) };
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    const asked = request(
      url,
      { method: 'POST', headers, rejectUnauthorized: false, ...pair },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });
}

/** In this order. */
describeCluster('break-glass in a real cluster', (beforeTests) => {
  let cluster: Cluster;
  let gate: KubernetesGate;
  beforeTests(async (opening) => {
    const ports = {
      ...{ registry: await freePort(), management: await freePort(), webhook: await freePort() },
      ...{ harborAdapter: await freePort(), gates: await freePort() },
    };
    cluster = await opening.cluster({
      flags: (pki) => [`--admission-control-config-file=${showCertificate(pki, ports.webhook)}`],
    });
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
        ports,
        config: {
          webhook: {
            clientCa: cluster.pki.ca,
            clientNames: [apiServerName],
            breakGlass: { groups: ['oncall'], longest: '4h', keyFile, kubeconfig },
          },
        },
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

  it('is signed for nobody who sends the review himself, and says that he is in the group', async () => {
    const own = 'pratique-break-glass-forged';
    const forged = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        ...{ uid: 'u', operation: 'CREATE', namespace: 'pratique', name: own },
        kind: { group: '', version: 'v1', kind: 'ConfigMap' },
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        userInfo: { username: 'ada', groups: ['oncall', 'system:masters'] },
        object: {
          metadata: { name: own, namespace: 'pratique', labels: { 'pratique.dev/break-glass': 'true' } },
          data: { namespaces: 'shop', for: '4h', reason: 'whoever reaches the port says so' },
        },
      },
    };
    // The administrator's certificate is of the same authority.
    for (const shown of [null, cluster.pki.file('admin')]) {
      const { status, text } = await send(`${gate.url}/break-glass`, forged, shown);
      expect([status, text.includes('signature')]).toEqual([403, false]);
    }
  });

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
