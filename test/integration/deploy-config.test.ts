import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../app/config/load.ts';
import { readPolicySet } from '../../app/policy/read.ts';
import { type Manifest, manifestsOf, renderChart } from '../../deploy/tools/chart.ts';
import { kubeTools } from '../../deploy/tools/kube-tools.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { selfSignedCertificate } from '../support/tls.ts';

/** The configuration that the chart makes is one that the program takes. */

const chart = resolve('deploy/helm/pratique');
const valuesFolder = resolve('deploy/helm/values');
const valueSets = readdirSync(valuesFolder).filter((name) => name.endsWith('.yaml'));
const places = /\/(?:etc|var\/lib)\/pratique\/[A-Za-z0-9/._-]+/g;

let helm = '';
beforeAll(async () => {
  ({ helm } = await kubeTools());
}, 120_000);

interface Container {
  readonly env?: readonly { readonly name: string }[];
  readonly volumeMounts: readonly { readonly mountPath: string }[];
}

/** Programs that are started, with their configuration and what is mounted for it. */
function programs(manifests: readonly Manifest[]): readonly {
  readonly name: string;
  readonly text: string;
  readonly container: Container;
}[] {
  return manifests.flatMap(({ kind, metadata, spec }) => {
    if (kind !== 'StatefulSet' && kind !== 'Deployment') return [];
    const { template } = spec as {
      readonly template: { readonly spec: { readonly containers: readonly [Container] } };
    };
    const config = manifests.find((one) => one.kind === 'ConfigMap' && one.metadata.name === metadata.name);
    const { 'pratique.yaml': text = '' } = (config?.data ?? {}) as Readonly<Record<string, string>>;
    return [{ name: metadata.name, text, container: template.spec.containers[0] }];
  });
}

/** What stands in a Secret's file of that name. */
function content(path: string): string {
  const { key, cert } = selfSignedCertificate();
  if (path.endsWith('.key')) return key;
  if (path.endsWith('.crt')) return cert;
  return 'x'.repeat(40);
}

describe.each(valueSets)('the configuration made with %s', (set) => {
  let made: readonly Manifest[];
  beforeAll(async () => {
    made = manifestsOf(
      await renderChart({
        ...{ helm, chart, release: 'pratique', namespace: 'pratique' },
        values: [join(valuesFolder, set)],
      }),
    );
  });

  it('is taken by the program', () => {
    expect(programs(made).length).toBeGreaterThan(0);
    for (const { text, container } of programs(made)) {
      const dir = temporaryDirectory();
      for (const [path] of text.matchAll(places)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), content(path));
      }
      const file = join(dir, 'pratique.yaml');
      writeFileSync(
        file,
        text.replaceAll(places, (path) => join(dir, path)),
      );
      const env = Object.fromEntries((container.env ?? []).map(({ name }) => [name, 'https://x.example/y']));
      expect(() => loadConfig({ file, data: null, env })).not.toThrow();
    }
  });

  it('has a policy that the program takes, where it has one', () => {
    const policies = made.flatMap(({ kind, data }) =>
      kind === 'ConfigMap' ? Object.entries(data as Readonly<Record<string, string>>) : [],
    );
    for (const [name, text] of policies) {
      if (name !== 'policy.yaml') continue;
      const file = join(temporaryDirectory(), name);
      writeFileSync(file, text);
      expect(() => readPolicySet(file)).not.toThrow();
    }
  });

  it('names no file that is not mounted', () => {
    for (const { text, container } of programs(made)) {
      const mounted = container.volumeMounts.map(({ mountPath }) => mountPath);
      const missing = [...text.matchAll(places)]
        .map(([path]) => path)
        .filter((path) => !mounted.some((place) => path === place || path.startsWith(`${place}/`)));
      expect(missing).toEqual([]);
    }
  });
});
