import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { clusterKinds } from './kinds.ts';

/** What the API server sends for a resource: `group/version/Kind`. */
const kindOf: ReadonlyMap<string, string> = new Map([
  ['/v1/pods', '/v1/Pod'],
  ['/v1/pods/ephemeralcontainers', '/v1/Pod'],
  ['/v1/podtemplates', '/v1/PodTemplate'],
  ['/v1/replicationcontrollers', '/v1/ReplicationController'],
  ['apps/v1/replicasets', 'apps/v1/ReplicaSet'],
  ['apps/v1/deployments', 'apps/v1/Deployment'],
  ['apps/v1/statefulsets', 'apps/v1/StatefulSet'],
  ['apps/v1/daemonsets', 'apps/v1/DaemonSet'],
  ['batch/v1/jobs', 'batch/v1/Job'],
  ['batch/v1/cronjobs', 'batch/v1/CronJob'],
]);

const texts = z.array(z.string());
const named = z.object({ name: z.string() });
const webhook = z.looseObject({
  name: z.string(),
  clientConfig: z.object({ service: z.unknown() }).strict(),
  rules: z.array(
    z.strictObject({
      apiGroups: texts,
      apiVersions: texts,
      resources: texts,
      operations: texts,
      scope: z.literal('Namespaced'),
    }),
  ),
});
const configuration = z.object({
  apiVersion: z.literal('admissionregistration.k8s.io/v1'),
  metadata: named,
  webhooks: z.tuple([webhook]),
});
const role = z.object({ metadata: named, rules: z.array(z.record(z.string(), texts)) });
const binding = z.object({ roleRef: z.looseObject({ name: z.string() }), subjects: z.array(z.unknown()) });
const account = z.object({ metadata: z.looseObject({ name: z.string(), namespace: z.string() }) });

const documents = parseAllDocuments(
  readFileSync(new URL('../deploy/kubernetes/validating-webhook.yaml', import.meta.url), 'utf8'),
).map((document) => {
  expect(document.errors).toEqual([]);
  return z.looseObject({ kind: z.string() }).parse(document.toJS());
});
const of = <T>(kind: string, schema: z.ZodType<T>): T =>
  schema.parse(documents.find((document) => document.kind === kind));

describe('deploy/kubernetes/validating-webhook.yaml', () => {
  const found = of('ValidatingWebhookConfiguration', configuration);
  const [only] = found.webhooks;
  const resources = only.rules.flatMap((rule) =>
    rule.apiGroups.flatMap((group) =>
      rule.apiVersions.flatMap((version) => rule.resources.map((name) => `${group}/${version}/${name}`)),
    ),
  );

  it('sends every kind that the webhook reads, and no other', () => {
    const sent = resources.map((resource) => kindOf.get(resource) ?? `unknown: ${resource}`);
    expect([...new Set(sent)].sort()).toEqual([...clusterKinds.keys()].sort());
  });

  it('sends every resource once, when it is made and when it is changed', () => {
    expect([...resources].sort()).toEqual([...kindOf.keys()].sort());
    for (const rule of only.rules) expect(rule.operations).toEqual(['CREATE', 'UPDATE']);
  });

  it('fails closed, in time, everywhere but where the cluster and Pratique start', () => {
    expect(only).toMatchObject({
      failurePolicy: 'Fail',
      timeoutSeconds: 15,
      sideEffects: 'None',
      matchPolicy: 'Equivalent',
      admissionReviewVersions: ['v1'],
      namespaceSelector: {
        matchExpressions: [
          { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'pratique'] },
        ],
      },
    });
    // Others would let objects past unseen.
    expect(Object.keys(only)).not.toEqual(expect.arrayContaining(['objectSelector']));
    expect(Object.keys(only)).not.toEqual(expect.arrayContaining(['matchConditions']));
  });

  it('calls the webhook where it is, under a name that its certificate has', () => {
    expect(only.clientConfig.service).toEqual({
      name: 'pratique-webhook',
      namespace: 'pratique',
      path: '/validate',
      port: 443,
    });
  });

  it('lets Pratique get and patch this one configuration and get namespaces, and do nothing else', () => {
    const granted = of('ClusterRole', role);
    expect(granted.rules).toEqual([
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['validatingwebhookconfigurations'],
        resourceNames: [found.metadata.name],
        verbs: ['get', 'patch'],
      },
      { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
    ]);
    const { name, namespace } = of('ServiceAccount', account).metadata;
    const bound = of('ClusterRoleBinding', binding);
    expect(bound.roleRef.name).toBe(granted.metadata.name);
    expect(bound.subjects).toEqual([{ kind: 'ServiceAccount', name, namespace }]);
  });
});
