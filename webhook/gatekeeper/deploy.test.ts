import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { clusterKinds } from '../kinds.ts';
import { parseKey } from './key.ts';

const folder = new URL('../../deploy/gatekeeper/', import.meta.url);
const documents = readdirSync(folder).flatMap((name) =>
  parseAllDocuments(readFileSync(new URL(name, folder), 'utf8')).map((document) => {
    expect([name, document.errors]).toEqual([name, []]);
    return z.looseObject({ kind: z.string(), apiVersion: z.string() }).parse(document.toJS());
  }),
);
const of = <T>(kind: string, schema: z.ZodType<T>): T[] =>
  documents.filter((document) => document.kind === kind).map((document) => schema.parse(document));

const named = z.looseObject({ name: z.string() });
const template = z.object({
  metadata: named,
  spec: z.object({
    crd: z.object({ spec: z.object({ names: z.object({ kind: z.string() }) }) }),
    targets: z.tuple([z.object({ target: z.string(), rego: z.string() })]),
  }),
});
const constraint = z.object({
  spec: z.object({
    enforcementAction: z.string(),
    match: z.object({
      excludedNamespaces: z.array(z.string()),
      kinds: z.array(z.object({ apiGroups: z.array(z.string()), kinds: z.array(z.string()) })),
    }),
  }),
});
const provider = z.object({ metadata: named, spec: z.object({ url: z.string(), timeout: z.number() }) });
const assign = z.object({
  spec: z.looseObject({
    location: z.string(),
    parameters: z.object({
      assign: z.object({ externalData: z.object({ provider: z.string(), failurePolicy: z.string() }) }),
    }),
  }),
});

const [only] = of('ConstraintTemplate', template);
const rego = only?.spec.targets[0].rego ?? '';
const providers = of('Provider', provider);

describe('deploy/gatekeeper', () => {
  it('asks at the doors that there are, and waits longer than they take', () => {
    expect(providers.map(({ metadata, spec }) => [metadata.name, spec.url, spec.timeout])).toEqual([
      ['pratique', 'https://pratique-webhook.pratique.svc:443/gatekeeper', 2],
      ['pratique-pin', 'https://pratique-webhook.pratique.svc:443/gatekeeper/pin', 2],
    ]);
  });

  it('names providers that there are', () => {
    expect(rego).toContain('external_data({"provider": "pratique"');
    const pins = of('Assign', assign).map(({ spec }) => [
      spec.location,
      spec.parameters.assign.externalData.provider,
      spec.parameters.assign.externalData.failurePolicy,
    ]);
    expect(pins).toEqual([
      ['spec.containers[name:*].image', 'pratique-pin', 'Ignore'],
      ['spec.initContainers[name:*].image', 'pratique-pin', 'Ignore'],
    ]);
  });

  it('judges every kind of the cluster that runs images, and its template knows each', () => {
    const [judged] = of(only?.spec.crd.spec.names.kind ?? '', constraint);
    const kinds = judged?.spec.match.kinds.flatMap(({ apiGroups, kinds: names }) =>
      apiGroups.flatMap((group) => names.map((name) => `${group}/v1/${name}`)),
    );
    expect([...(kinds ?? [])].sort()).toEqual([...clusterKinds.keys()].sort());
    for (const kind of clusterKinds.keys()) expect(rego).toContain(`"${kind.split('/').at(-1) ?? ''}"`);
  });

  it('watches before it refuses, and leaves out what has to start first', () => {
    const [judged] = of('PratiqueImages', constraint);
    expect(judged?.spec).toMatchObject({
      enforcementAction: 'dryrun',
      match: { excludedNamespaces: ['kube-system', 'gatekeeper-system', 'pratique'] },
    });
  });

  it('writes keys that are read', () => {
    const [, body = ''] = /json\.marshal\(\{\n([\s\S]*?)\n *\}\)/.exec(rego) ?? [];
    const fields = [...body.matchAll(/^\s*"(\w+)":/gm)].map(([, field]) => field ?? '');
    const sample: Readonly<Record<string, unknown>> = {
      ...{ image: 'a:1', namespace: 'shop', labels: {}, serviceAccount: '', user: '', groups: [] },
    };
    const key = JSON.stringify(Object.fromEntries(fields.map((field) => [field, sample[field]])));
    expect(parseKey(key)).toMatchObject({ image: 'a:1', namespace: 'shop' });
  });
});
