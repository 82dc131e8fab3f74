import { parseDigest } from '../../../core/digest.ts';
import { parsePolicySet } from '../../../policy/bindings/parse.ts';
import { makeRulebook } from '../../../policy/bindings/rule.ts';
import { createAddressing } from '../../../registry/addressing.ts';
import { findImages, imagesIn } from '../../../webhook/images.ts';
import { kindsWith, parseSteps } from '../../../webhook/kinds.ts';
import { type MutatePorts, mutate } from '../../../webhook/mutation.ts';
import { patchOf } from '../../../webhook/patch.ts';
import { type AdmissionRequest, parseReview } from '../../../webhook/review.ts';
import { isOnlyMetadata, startedBy } from '../../../webhook/updates.ts';
import { applyPatch } from '../../support/json-patch.ts';
import type { Input, Target } from '../target.ts';
import { magnitude, plain } from './facts.ts';
import { json, jsonWords } from './seeds.ts';

const kinds = kindsWith([
  {
    ...{ group: 'jobset.x-k8s.io', versions: ['v1alpha2'], kind: 'JobSet' },
    paths: [{ holds: 'template', steps: parseSteps('spec.replicatedJobs[].template.spec.template') ?? [] }],
  },
  {
    ...{ group: 'example.org', versions: ['v1'], kind: 'Training' },
    paths: [{ holds: 'template', steps: parseSteps('spec.replicas.*.template') ?? [] }],
  },
]);
const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
const rulebook = makeRulebook(
  parsePolicySet('version: 1\nname: x\nbindings:\n  - { id: all, policy: baseline }\n', 'x.yaml', () => ''),
  [],
);
const ports: MutatePorts = {
  ...{ kinds, cluster: null, namespaces: null, rulebook: () => rulebook },
  mutate: { pin: true, templates: true, rewriteTo: 'proxy.corp:5000' },
  addressing: createAddressing({
    upstreams: [
      { name: 'docker.io', namespace: 'docker.io' },
      { name: 'corp', namespace: 'reg.corp' },
    ],
    publicNames: ['proxy.corp:5000'],
  }),
  gate: {
    known: () => null,
    find: () =>
      digest === null
        ? Promise.reject(new Error('no digest'))
        : Promise.resolve({ digest, settled: () => Promise.reject(new Error('nothing is judged here')) }),
  },
};

const spec = {
  initContainers: [{ name: 'i', image: 'nginx' }],
  containers: [
    { name: 'c', image: 'reg.corp/app:1' },
    { name: 'd', image: `docker.io/library/nginx:1@sha256:${'b'.repeat(64)}` },
  ],
  ephemeralContainers: [{ name: 'e', image: 'proxy.corp:5000/corp/app:1' }],
  volumes: [{ name: 'v', image: { reference: 'elsewhere.corp:5000/x:tag' } }],
};
const review = (
  group: string,
  version: string,
  kind: string,
  object: object,
  oldObject: object | null = null,
): Input =>
  json('', {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      ...{ uid: 'u', kind: { group, version, kind }, namespace: 'shop', name: 'p' },
      ...{
        operation: oldObject === null ? 'CREATE' : 'UPDATE',
        userInfo: { username: 'ada', groups: ['dev'] },
      },
      ...{ object, oldObject },
    },
  });
const template = { metadata: { labels: { app: 'web' } }, spec };

async function changed(request: AdmissionRequest): Promise<unknown> {
  const { changes } = await mutate(ports, request, 1000, () => 0);
  return applyPatch(request.object, patchOf(changes));
}

/** The objects of reviews: what is read of them, what an update starts, and what becomes of their images. */
export const objectTarget: Target = {
  name: 'admission-object',
  words: [
    '"image":"',
    '"containers":[',
    '"template":{',
    '"metadata":{',
    '"oldObject":',
    '@sha256:',
    '"a/b~c":',
    ...jsonWords,
  ],
  seeds: () => [
    review('', 'v1', 'Pod', { metadata: { labels: { app: 'web' } }, spec }),
    review(
      '',
      'v1',
      'Pod',
      { spec },
      { spec: { ...spec, containers: [{ name: 'c', image: 'reg.corp/app:2' }] } },
    ),
    review('apps', 'v1', 'Deployment', { spec: { template } }, { spec: { template: { spec: {} } } }),
    review('batch', 'v1', 'CronJob', { spec: { jobTemplate: { spec: { template } } } }),
    review('jobset.x-k8s.io', 'v1alpha2', 'JobSet', {
      spec: { replicatedJobs: [{ template: { spec: { template } } }] },
    }),
    review('example.org', 'v1', 'Training', { spec: { replicas: { 'a/b~c': { template } } } }),
  ],
  run: async ({ bytes }) => {
    const { request, refused } = parseReview(bytes);
    if (request === null) return plain(refused);
    const { kind, object, oldObject } = request;
    const found = findImages(kinds, kind, object);
    const before = findImages(kinds, kind, oldObject);
    if (found.faults.length === 0 && startedBy(found, found).length > 0) {
      throw new Error('an update that changes nothing starts something');
    }
    const started = imagesIn({ pods: startedBy(found, before) });
    const once = await changed(request);
    const twice = await changed({ ...request, object: once });
    if (JSON.stringify(once) !== JSON.stringify(twice)) throw new Error('a second look changes more');
    const places = (value: unknown) =>
      imagesIn(findImages(kinds, kind, value))
        .map(({ pointer }) => pointer)
        .join(' ');
    if (places(once) !== places(object)) throw new Error('more than images was changed');
    const shape = `${found.use} ${magnitude(imagesIn(found).length)} ${magnitude(started.length)}`;
    const isChanged = JSON.stringify(once) !== JSON.stringify(object);
    return `${plain(found.faults[0] ?? '')} ${shape} ${isChanged} ${isOnlyMetadata(object, oldObject)}`;
  },
};
