import type { Cluster } from './kubernetes.ts';

export const group = 'argoproj.io';
export const customPlurals = { Rollout: 'rollouts', Chain: 'chains', Unnamed: 'unnameds' };
/** As `webhook.kinds` has them. */
export const customKinds = [
  { group, version: 'v1alpha1', kind: 'Rollout', podTemplate: 'spec.template' },
  { group, version: 'v1alpha1', kind: 'Chain', podTemplate: 'spec.steps[].pod' },
];

/** Makes the kinds known to a cluster, and waits until they are. */
export async function defineCustomKinds(cluster: Cluster): Promise<void> {
  for (const [kind, plural] of Object.entries(customPlurals))
    await cluster.must(['apply', '-f', '-'], definition(kind, plural));
  await cluster.must(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
}

/** Of the shape of Argo's Rollout, as far as images go, and one whose Pods lie deeper. */
function definition(kind: string, plural: string): object {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } },
        },
      ],
    },
  };
}

export const customTemplate = (image: string): object => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image }] },
});
export const rollout = (image: string, name = 'web'): object => ({
  apiVersion: `${group}/v1alpha1`,
  kind: 'Rollout',
  metadata: { name },
  spec: { replicas: 1, template: customTemplate(image) },
});
export const chain = (...names: readonly string[]): object => ({
  apiVersion: `${group}/v1alpha1`,
  kind: 'Chain',
  metadata: { name: 'chain' },
  spec: { steps: names.map((image) => ({ pod: customTemplate(image) })) },
});
