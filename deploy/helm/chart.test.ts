import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Manifest, manifestsOf, renderChart } from '../tools/chart.ts';
import { chartFiles, chartFolder, installedBy } from '../tools/chart-files.ts';
import { kubeTools } from '../tools/kube-tools.ts';
import { plainFolder, plainManifests } from '../tools/plain-manifests.ts';
import { schemaProblems } from '../tools/published-schemas.ts';

const run = promisify(execFile);
const chart = resolve('deploy/helm/pratique');
const valuesFolder = resolve('deploy/helm/values');
const valueSets = readdirSync(valuesFolder).filter((name) => name.endsWith('.yaml'));

let helm = '';
beforeAll(async () => {
  ({ helm } = await kubeTools());
}, 120_000);

const render = async (set: string, ...settings: readonly string[]): Promise<readonly Manifest[]> =>
  manifestsOf(
    await renderChart({
      ...{ helm, chart, release: 'pratique', namespace: 'pratique', set: settings },
      values: [join(valuesFolder, set)],
    }),
  );

interface PodSpec {
  readonly securityContext: unknown;
  readonly automountServiceAccountToken?: boolean;
  readonly volumes: readonly { readonly name: string }[];
  readonly containers: readonly {
    readonly securityContext: unknown;
    readonly resources: { readonly requests?: unknown; readonly limits?: unknown };
    readonly startupProbe?: unknown;
    readonly livenessProbe?: unknown;
    readonly readinessProbe?: unknown;
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
}

/** What runs, by the name of its controller. */
function podSpecs(manifests: readonly Manifest[]): ReadonlyMap<string, PodSpec> {
  const running = manifests.filter(({ kind }) =>
    ['StatefulSet', 'Deployment', 'DaemonSet', 'Job'].includes(kind),
  );
  return new Map(
    running.map(({ metadata, spec }) => [
      metadata.name,
      (spec as { readonly template: { readonly spec: PodSpec } }).template.spec,
    ]),
  );
}

describe.each(valueSets)('the chart with %s', (set) => {
  it('has nothing that helm lint warns of', async () => {
    const { stdout } = await run(helm, ['lint', '--strict', chart, '--values', join(valuesFolder, set)]);
    expect(stdout).not.toMatch(/\[(WARNING|ERROR)\]/);
  });

  it('makes objects of one namespace, each once', async () => {
    const manifests = await render(set);
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names).toEqual([...new Set(names)]);
    for (const { metadata } of manifests) expect([undefined, 'pratique']).toContain(metadata.namespace);
  });

  it('runs without root, with a root file system that is read alone, within bounds, and watched', async () => {
    for (const [, pod] of podSpecs(await render(set))) {
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const container of pod.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources).toMatchObject({ requests: expect.anything(), limits: expect.anything() });
        expect(Object.keys(container)).toEqual(
          expect.arrayContaining(['startupProbe', 'livenessProbe', 'readinessProbe']),
        );
        expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toEqual(
          expect.arrayContaining(['/var/lib/pratique', '/tmp']),
        );
      }
    }
  });

  it('has a network policy for whatever runs', async () => {
    const manifests = await render(set);
    const policies = manifests
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .map(({ metadata }) => metadata.name);
    expect(policies.sort()).toEqual([...podSpecs(manifests).keys()].sort());
  });

  it('grants nobody everything, and Secrets by name alone', async () => {
    for (const { kind, rules } of await render(set)) {
      if (kind !== 'Role' && kind !== 'ClusterRole') continue;
      for (const rule of (rules ?? []) as readonly Readonly<Record<string, readonly string[]>>[]) {
        expect([...(rule.verbs ?? []), ...(rule.resources ?? []), ...(rule.apiGroups ?? [])]).not.toContain(
          '*',
        );
        if (rule.resources?.includes('secrets') === true) {
          expect(kind).toBe('Role');
          expect(rule.resourceNames).toEqual(['pratique-webhook-tls']);
        }
        if (rule.resources?.some((name) => name.endsWith('webhookconfigurations')) === true) {
          expect(rule.resourceNames).toEqual(['pratique']);
        }
      }
    }
  });
});

describe('published schemas', () => {
  it('know every field of what the chart makes, and miss none', async () => {
    const made = new Map<string, readonly Manifest[]>();
    for (const set of valueSets) made.set(set, await render(set));
    expect(schemaProblems(made)).toEqual([]);
  }, 120_000);

  it('are told what does not fit', () => {
    const object = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } };
    const wrong = [
      { ...object, spec: { ports: [{ port: '5000' }] } },
      { ...object, spec: { prots: [] } },
    ];
    expect(schemaProblems(new Map([['x.yaml', wrong]]))).toEqual([
      expect.stringMatching(/^x\.yaml Service a: .*'string' is not assignable to type 'number'/),
      expect.stringMatching(/^x\.yaml Service a: .*prots.* does not exist/),
    ]);
  }, 120_000);
});

describe('what the chart refuses', () => {
  it.each([
    ['a key that it does not know', 'webhook.replicaz=3', /replicaz/],
    ['a mode that there is not', 'webhook.mode=off', /webhook\/mode/],
    ['a volume that several nodes write to', 'proxy.persistence.accessModes={ReadWriteMany}', /accessModes/],
    ['a setting of pratique.yaml that is its own', 'proxy.config.data=/elsewhere', /proxy\.config\.data/],
    ['a listener that is its own', 'proxy.config.listen.management=off', /proxy\.config\.listen\.management/],
    ['no image', 'image.repository=', /image\.repository is empty/],
    [
      'an adapter that fetches from anywhere',
      'harborAdapter.enabled=true',
      /harborAdapter\.registries is empty/,
    ],
  ])('%s', async (_what, setting, said) => {
    await expect(render('minimal.yaml', setting)).rejects.toThrow(said);
  });
});

it('takes names for what they are, whatever YAML would make of them', async () => {
  const made = await render(
    'minimal.yaml',
    'gates.existingSecret=y',
    'gates.tlsSecretName=n',
    'proxy.tlsSecretName=off',
    'proxy.persistence.storageClassName=yes',
    'webhook.priorityClassName=null',
    'harborAdapter.enabled=true',
    'harborAdapter.secretName=on',
    'harborAdapter.registries={harbor}',
  );
  expect(schemaProblems(new Map([['names', made]]))).toEqual([]);
  expect(JSON.stringify(made)).toContain('"secretName":"on"');
}, 60_000);

describe('webhook configurations', () => {
  const rulesOf = (webhooks: unknown): readonly unknown[] =>
    (webhooks as readonly { readonly rules: readonly unknown[] }[]).flatMap(({ rules }) => rules);
  const ofChart = async (mode: 'audit' | 'enforce') =>
    (await render('minimal.yaml', `webhook.mode=${mode}`))
      .filter(({ kind }) => kind.endsWith('WebhookConfiguration'))
      .map(({ kind, metadata, webhooks }) => ({ kind, name: metadata.name, webhooks }));

  it.each(['audit', 'enforce'] as const)('are in %s what `pratique webhook` would make', async (mode) => {
    const made = installedBy(mode, ['kube-system', 'pratique']);
    const wanted = made.map(({ kind, metadata, webhooks }) => ({ kind, name: metadata.name, webhooks }));
    const asked = (await ofChart(mode)).filter(({ webhooks }) => rulesOf(webhooks).length > 0);
    expect(asked).toHaveLength(wanted.length);
    expect(asked).toEqual(expect.arrayContaining(wanted));
  });

  it('are in audit there already, so that both hold the authority when they are switched', async () => {
    const [audit, enforce] = [await ofChart('audit'), await ofChart('enforce')];
    expect(audit.map(({ kind }) => kind)).toEqual(enforce.map(({ kind }) => kind));
    const mutating = audit.find(({ kind }) => kind === 'MutatingWebhookConfiguration');
    expect(rulesOf(mutating?.webhooks)).toEqual([]);
    expect(mutating?.webhooks).toHaveLength(1);
  });

  it('send what the program says: npm run deploy:manifests', () => {
    for (const [name, text] of chartFiles()) expect(readFileSync(join(chartFolder, name), 'utf8')).toBe(text);
  });
});

describe('deploy/kubernetes', () => {
  it('is what the chart makes: npm run deploy:manifests', async () => {
    const made = await plainManifests(helm);
    expect([...made.keys()].sort()).toEqual(['proxy.yaml', 'webhook-configurations.yaml', 'webhook.yaml']);
    for (const [name, text] of made) expect(readFileSync(join(plainFolder, name), 'utf8')).toBe(text);
  });
});
