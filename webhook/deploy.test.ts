import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { mutatingManifest, validatingManifest, type Wanted } from './install/manifests.ts';
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
const rulesSchema = z.array(
  z.strictObject({
    apiGroups: texts,
    apiVersions: texts,
    resources: texts,
    operations: texts,
    scope: z.literal('Namespaced'),
  }),
);
const manifest = z.looseObject({
  kind: z.string(),
  webhooks: z.tuple([z.looseObject({ rules: rulesSchema })]),
});

const wanted: Wanted = {
  ...{
    name: 'pratique',
    mode: 'enforce',
    excluded: ['kube-system', 'pratique'],
    ca: null,
    mutate: true,
    kinds: [],
    rules: [],
  },
  place: { kind: 'service', namespace: 'pratique', name: 'pratique-webhook', port: 443 },
};
const read = (path: string): string => readFileSync(new URL(`../deploy/${path}`, import.meta.url), 'utf8');
const documents: readonly unknown[] = parseAllDocuments(read('kubernetes/webhook-configurations.yaml')).map(
  (document) => z.unknown().parse(document.toJS()),
);
/** The rules of the plain manifests' configuration of one kind. */
function plain(kind: string): z.infer<typeof rulesSchema> {
  const found = documents.map((document) => manifest.parse(document)).filter((one) => one.kind === kind);
  expect(found).toHaveLength(1);
  return found.flatMap(({ webhooks }) => webhooks[0].rules);
}

/** All that is made for the API server, from the command line, the chart and the plain manifests. */
const sources = [
  ['pratique webhook install', manifest.parse(validatingManifest(wanted)).webhooks[0].rules],
  ['pratique webhook enforce --mutate', manifest.parse(mutatingManifest(wanted)).webhooks[0].rules],
  ['the chart', rulesSchema.parse(parse(read('helm/pratique/files/rules.yaml')))],
  ['the chart, to change', rulesSchema.parse(parse(read('helm/pratique/files/mutating-rules.yaml')))],
  ['deploy/kubernetes', plain('ValidatingWebhookConfiguration')],
] as const;

describe.each(sources)('what %s has sent', (_what, rules) => {
  const resources = rules.flatMap((rule) =>
    rule.apiGroups.flatMap((group) =>
      rule.apiVersions.flatMap((version) => rule.resources.map((name) => `${group}/${version}/${name}`)),
    ),
  );

  it('is every kind that the webhook reads, and no other', () => {
    const sent = resources.map((resource) => kindOf.get(resource) ?? `unknown: ${resource}`);
    expect([...new Set(sent)].sort()).toEqual([...clusterKinds.keys()].sort());
  });

  it('is every resource once, when it is made and when it is changed', () => {
    expect([...resources].sort()).toEqual([...kindOf.keys()].sort());
    for (const rule of rules) expect(rule.operations).toEqual(['CREATE', 'UPDATE']);
  });
});

it('the plain manifests, which audit, have nothing sent to be changed', () => {
  expect(plain('MutatingWebhookConfiguration')).toEqual([]);
});

it('nothing by which an author could have an object past unseen stands in a configuration', () => {
  for (const make of [validatingManifest, mutatingManifest]) {
    const [made] = make(wanted).webhooks;
    expect(Object.keys(made ?? {})).not.toEqual(expect.arrayContaining(['objectSelector']));
    expect(Object.keys(made ?? {})).not.toEqual(expect.arrayContaining(['matchConditions']));
    expect(made).toMatchObject({ matchPolicy: 'Equivalent', sideEffects: 'None' });
  }
});
