import { parseKey } from '../../../webhook/gatekeeper/key.ts';
import { parseProviderRequest } from '../../../webhook/gatekeeper/provider.ts';
import { parseImageReview } from '../../../webhook/image-policy/image-review.ts';
import { parseReview } from '../../../webhook/review.ts';
import type { Target } from '../target.ts';
import { magnitude, plain } from './facts.ts';
import { json, jsonWords } from './seeds.ts';

const key = {
  ...{ image: 'registry.corp/app:1', namespace: 'shop', labels: { app: 'web' } },
  ...{ serviceAccount: 'till', user: 'ada', groups: ['dev'] },
};

/** What clusters ask the webhook. Its parsers never throw: what they refuse they say in a sentence. */
export const reviewTargets: readonly Target[] = [
  {
    name: 'admission-review',
    words: ['"request":', '"uid":""', '"operation":"UPDATE"', '"object":null', ...jsonWords],
    seeds: () => [
      json('', {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        request: {
          ...{ uid: 'u', kind: { group: '', version: 'v1', kind: 'Pod' }, namespace: 'shop', name: 'p' },
          ...{ operation: 'CREATE', userInfo: { username: 'ada', groups: ['dev'] }, dryRun: false },
          object: { spec: { containers: [{ name: 'c', image: 'registry.corp/app:1' }] } },
        },
      }),
    ],
    run: ({ bytes }) => {
      const { request, refused } = parseReview(bytes);
      return request === null ? plain(refused) : `${request.operation} ${request.namespace === null}`;
    },
  },
  {
    name: 'image-review',
    words: ['"spec":', '"containers":', '"namespace":"shop"', ...jsonWords],
    seeds: () => [
      json('', {
        ...{ apiVersion: 'imagepolicy.k8s.io/v1alpha1', kind: 'ImageReview' },
        spec: { containers: [{ image: 'registry.corp/app:1' }], namespace: 'shop', annotations: {} },
      }),
    ],
    run: ({ bytes }) => {
      const { value, refused } = parseImageReview(bytes);
      return value === null ? plain(refused) : String(magnitude(value.images.length));
    },
  },
  {
    name: 'gatekeeper-keys',
    words: ['"request":', '"keys":', '\\"namespace\\":\\"shop\\"', '\\"labels\\":{}', ...jsonWords],
    seeds: () => [
      json('', {
        ...{ apiVersion: 'externaldata.gatekeeper.sh/v1beta1', kind: 'ProviderRequest' },
        request: { keys: [JSON.stringify(key), 'registry.corp/app:1'] },
      }),
    ],
    run: ({ bytes }) => {
      const { value, refused } = parseProviderRequest(bytes);
      if (value === null) return plain(refused);
      const read = value.map(parseKey);
      for (const one of read) {
        if (typeof one !== 'string' && one.namespace === '')
          throw new Error('a key without a namespace was taken');
      }
      return `${magnitude(read.length)} ${read.map((one) => (typeof one === 'string' ? plain(one) : 'read')).join(' ')}`;
    },
  },
];
