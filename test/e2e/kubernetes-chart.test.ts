import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { manifestsOf, renderChart } from '../../deploy/tools/chart.ts';
import { kubeTools } from '../../deploy/tools/kube-tools.ts';
import { plainFolder } from '../../deploy/tools/plain-manifests.ts';
import type { Cluster } from './support/kubernetes.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

/** What the chart makes, taken by a real API server, and the rights that it gives, as that server sees them. */

const chart = resolve('deploy/helm/pratique');
const valuesFolder = resolve('deploy/helm/values');
const valueSets = readdirSync(valuesFolder).filter((name) => name.endsWith('.yaml'));

/** Kinds that others bring: known to the server by name alone. */
const foreign = [
  ['monitoring.coreos.com', 'v1', 'ServiceMonitor', 'servicemonitors'],
  ['monitoring.coreos.com', 'v1', 'PrometheusRule', 'prometheusrules'],
  ['cert-manager.io', 'v1', 'Certificate', 'certificates'],
  ['cert-manager.io', 'v1', 'Issuer', 'issuers'],
  ['wgpolicyk8s.io', 'v1alpha2', 'PolicyReport', 'policyreports'],
] as const;

const definition = ([group, version, kind, plural]: (typeof foreign)[number]): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    ...{ group, scope: 'Namespaced', names: { kind, plural, singular: kind.toLowerCase() } },
    versions: [
      {
        ...{ name: version, served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});

const account = '--as=system:serviceaccount:pratique:pratique-webhook';

describeCluster('the chart and a real API server', (beforeTests) => {
  let cluster: Cluster;
  let helm: string;
  const rendered = (set: string): Promise<string> =>
    renderChart({
      ...{ helm, chart, release: 'pratique', namespace: 'pratique' },
      values: [join(valuesFolder, set)],
    });

  beforeTests(async (opening) => {
    ({ helm } = await kubeTools());
    cluster = await opening.cluster();
    await cluster.must(['create', 'namespace', 'pratique']);
    // What a namespace of its own should ask of Pods, and warn of.
    await cluster.must([
      ...['label', 'namespace', 'pratique'],
      ...['enforce', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`),
    ]);
    const items = foreign.map(definition);
    await cluster.must(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    await cluster.must(['wait', '--for=condition=Established', 'crd', '--all']);
  });

  it.each(valueSets)('takes what is made with %s, without a warning', async (set) => {
    const text = await rendered(set);
    const applied = await cluster.kubectl(
      ['apply', '--dry-run=server', '--validate=strict', '-f', '-'],
      text,
    );
    expect({ code: applied.code, err: applied.err }).toEqual({ code: 0, err: '' });
    expect(applied.out.trim().split('\n')).toHaveLength(manifestsOf(text).length);
  });

  it.each(['proxy.yaml', 'webhook.yaml', 'webhook-configurations.yaml'])(
    'takes the plain %s',
    async (file) => {
      const { code, err } = await cluster.kubectl([
        ...['apply', '--dry-run=server', '--validate=strict', '-f', join(plainFolder, file)],
      ]);
      expect({ code, err }).toEqual({ code: 0, err: '' });
    },
  );

  it('goes from audit to enforce, and keeps the authority that the webhook has entered', async () => {
    const audit = await rendered('minimal.yaml');
    await cluster.must(['apply', '--server-side', '--field-manager=helm', '-f', '-'], audit);
    const bundle = Buffer.from('authority').toString('base64');
    const entered = [{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: bundle }];
    await cluster.must([
      ...[
        'patch',
        'validatingwebhookconfiguration',
        'pratique',
        '--type=json',
        '-p',
        JSON.stringify(entered),
      ],
      account,
    ]);
    await cluster.must(
      [...['apply', '--server-side', '--field-manager=helm', '-f', '-']],
      await renderChart({
        ...{ helm, chart, release: 'pratique', namespace: 'pratique' },
        values: [join(valuesFolder, 'minimal.yaml')],
        set: ['webhook.mode=enforce', 'gates.existingSecret=x', 'gates.tlsSecretName=y'],
      }),
    );
    const stored = await cluster.get<{
      readonly webhooks: readonly { readonly failurePolicy: string; readonly clientConfig: object }[];
    }>('validatingwebhookconfiguration', 'pratique');
    expect(stored.webhooks).toEqual([
      expect.objectContaining({
        failurePolicy: 'Fail',
        clientConfig: expect.objectContaining({
          caBundle: bundle,
          service: { name: 'pratique-webhook', namespace: 'pratique', path: '/validate', port: 443 },
        }),
      }),
    ]);
  });

  describe('the webhook’s account', () => {
    const may = async (...question: readonly string[]): Promise<string> =>
      (await cluster.kubectl(['auth', 'can-i', ...question, account])).out.trim();

    it.each([
      ['get', 'secret/pratique-webhook-tls', '-n', 'pratique'],
      ['update', 'secret/pratique-webhook-tls', '-n', 'pratique'],
      ['get', 'lease/pratique-running', '-n', 'pratique'],
      ['update', 'lease/pratique-running', '-n', 'pratique'],
      ['get', 'validatingwebhookconfiguration/pratique'],
      ['patch', 'mutatingwebhookconfiguration/pratique'],
      ['get', 'namespace/any'],
      ['list', 'pods', '-A'],
      ['watch', 'pods', '-A'],
      ['create', 'events', '-n', 'any'],
    ])('may %s %s', async (...question) => {
      expect(await may(...question)).toBe('yes');
    });

    it.each([
      ['get', 'secret/pratique-gates', '-n', 'pratique'],
      ['list', 'secrets', '-n', 'pratique'],
      ['create', 'secrets', '-n', 'pratique'],
      ['get', 'secret/pratique-webhook-tls', '-n', 'default'],
      ['delete', 'validatingwebhookconfiguration/pratique'],
      ['patch', 'validatingwebhookconfiguration/other'],
      ['create', 'validatingwebhookconfigurations'],
      ['create', 'pods', '-n', 'default'],
      ['patch', 'pods', '-n', 'default'],
      ['update', 'namespaces'],
      ['create', 'policyreports.wgpolicyk8s.io', '-n', 'default'],
    ])('may not %s %s', async (...question) => {
      expect(await may(...question)).toBe('no');
    });
  });
});
