import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { askers, digest, startTestServer, type TestServer } from '../samples.ts';

/** What the admission plugin ImagePolicyWebhook is answered. */
let at: TestServer;
let labels: Record<string, string> | null = {};
beforeAll(async () => {
  at = await startTestServer({
    cluster: 'prod',
    imagePolicy: true,
    namespaces: { labelsOf: () => Promise.resolve(labels), close: () => undefined },
  });
});
afterAll(async () => {
  await at.close();
});
beforeEach(() => {
  labels = {};
  for (const list of [askers, at.outcomes, at.decisions, at.errors]) list.length = 0;
});

const review = (images: readonly (string | null)[], spec: object = {}) => ({
  apiVersion: 'imagepolicy.k8s.io/v1alpha1',
  kind: 'ImageReview',
  spec: {
    containers: images.map((image) => (image === null ? {} : { image })),
    namespace: 'default',
    ...spec,
  },
});

interface Answered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly status: {
    readonly allowed: boolean;
    readonly reason?: string;
    readonly auditAnnotations?: Readonly<Record<string, string>>;
  };
}

async function reviewed(body: object, query = '?timeout=1s'): Promise<Answered> {
  const { status, text } = await at.send(`/image-policy${query}`, JSON.stringify(body));
  if (status !== 200) throw new Error(`the review was answered ${status}: ${text}`);
  return JSON.parse(text) as Answered;
}

describe('images of a Pod', () => {
  it.each<[what: string, images: (string | null)[], spec: object, told: string | null]>([
    ['one that is allowed', ['reg.corp/app/good:1'], {}, null],
    ['several that are', ['reg.corp/app/good:1', 'reg.corp/app/warned:1'], {}, null],
    ['one that is not', ['reg.corp/app/bad:1'], {}, 'CVE-2024-1'],
    ['one among others', ['reg.corp/app/good:1', 'reg.corp/app/bad:1'], {}, 'CVE-2024-1'],
    ['one on an unknown registry', ['evil.example/x:1'], {}, 'not known to Pratique'],
    ['one that is being inspected', ['reg.corp/app/slow:1'], {}, 'not yet: it is being inspected'],
    ['one whose gate hangs', ['reg.corp/app/hung:1'], {}, 'not yet: it is being inspected'],
    ['one that is no reference', ['reg.corp/app/good:1:2'], {}, 'is not an image reference'],
    ['one that meets a defect', ['reg.corp/app/broken:1'], {}, 'an error inside Pratique'],
    ['none', [], {}, 'names no container'],
    ['no list', [], { containers: null }, 'names no container'],
    ['a container without', [null], {}, 'a container names no image'],
    ['a text that is empty', ['reg.corp/app/good:1', ''], {}, 'a container names no image'],
    ['too many', Array.from({ length: 101 }, (_, i) => `reg.corp/app/good:${i}`), {}, '101 images'],
    ['one that is only warned of there', ['reg.corp/app/bad:1'], { namespace: 'warned' }, null],
    [
      'an annotation that would break the glass',
      ['reg.corp/app/bad:1'],
      { annotations: { 'x.image-policy.k8s.io/break-glass': 'true' } },
      'CVE-2024-1',
    ],
  ])('%s', async (_what, images, spec, told) => {
    const { apiVersion, kind, status } = await reviewed(review(images, spec));
    expect([apiVersion, kind]).toEqual(['imagepolicy.k8s.io/v1alpha1', 'ImageReview']);
    expect([status.allowed, status.reason ?? null]).toEqual([
      told === null,
      told === null ? null : expect.stringContaining(told),
    ]);
  });

  it('are judged for the namespace, and for nobody in particular', async () => {
    labels = { tier: 'web' };
    await reviewed(review(['reg.corp/app/good:1'], { namespace: 'shop' }));
    expect(askers).toEqual([
      {
        ...{ gate: 'admission', cluster: 'prod', namespace: 'shop', namespaceLabels: { tier: 'web' } },
        ...{ workloadLabels: {}, serviceAccount: null, user: null, groups: [] },
      },
    ]);
  });

  it('are refused where the labels of the namespace cannot be read', async () => {
    labels = null;
    const { status } = await reviewed(review(['reg.corp/app/good:1']));
    expect([status.allowed, status.reason]).toEqual([false, expect.stringContaining('binding production')]);
  });

  it('are asked for once each, and told to the audit log', async () => {
    const { status } = await reviewed(review(['reg.corp/app/bad:1', 'reg.corp/app/bad:1']));
    expect(askers).toHaveLength(1);
    expect(status.auditAnnotations).toEqual({
      'image-0': `reg.corp/app/bad:1@${digest} fail binding=default policy=baseline mode=enforce`,
    });
  });

  it('are counted as a review', async () => {
    await reviewed(review(['reg.corp/app/bad:1']));
    expect(at.outcomes).toMatchObject([{ allowed: false, kind: 'ImageReview', namespace: 'default' }]);
    expect(at.decisions).toMatchObject([{ allowed: false, status: 'fail' }]);
  });
});

describe('what is no image review', () => {
  const whole = review(['reg.corp/app/good:1']);
  it.each<[what: string, body: unknown, told: string]>([
    ['null', null, 'the body: '],
    ['another kind', { ...whole, kind: 'AdmissionReview' }, 'kind: allowed: ImageReview'],
    [
      'another version',
      { ...whole, apiVersion: 'imagepolicy.k8s.io/v1' },
      'apiVersion: allowed: imagepolicy.k8s.io/v1alpha1',
    ],
    ['no spec', { ...whole, spec: undefined }, 'spec'],
    ['no namespace', review(['x'], { namespace: undefined }), 'spec.namespace'],
    ['a namespace that is none', review(['x'], { namespace: '../x' }), 'spec.namespace'],
    ['containers that are no list', review([], { containers: {} }), 'spec.containers'],
    ['an image that is no text', review([], { containers: [{ image: 1 }] }), 'spec.containers.0.image'],
  ])('%s', async (_what, body, told) => {
    const reply = await at.send('/image-policy', JSON.stringify(body));
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining(told)]);
  });

  it('is not there where it is not switched on', async () => {
    const other = await startTestServer();
    expect((await other.send('/image-policy', JSON.stringify(whole))).status).toBe(404);
    await other.close();
  });
});
