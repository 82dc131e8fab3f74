import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { asked, digest, podOf, review, startTestServer, type TestServer } from './samples.ts';

let at: TestServer;
beforeAll(async () => {
  at = await startTestServer();
});
afterAll(async () => {
  await at.close();
});
beforeEach(() => {
  for (const list of [asked, at.outcomes, at.errors]) list.length = 0;
});

const by = 'binding=default policy=baseline mode=enforce';
const deployment = { kind: { group: 'apps', version: 'v1', kind: 'Deployment' } };
const templateOf = (...images: (string | null)[]) => ({ spec: { replicas: 1, template: podOf(...images) } });
const update = (before: object, after: object, more: object = {}) => ({
  operation: 'UPDATE',
  oldObject: before,
  object: after,
  ...more,
});
const ephemeral = (image: string) => ({
  spec: { ...podOf('reg.corp/app/good').spec, ephemeralContainers: [{ name: 'debug', image }] },
});
const volume = (reference: string) => ({
  spec: { ...podOf('reg.corp/app/good').spec, volumes: [{ name: 'v', image: { reference } }] },
});
const init = (image: string) => ({
  spec: { ...podOf('reg.corp/app/good').spec, initContainers: [{ name: 'setup', image }] },
});

describe('a review', () => {
  const bad = `container "c0": reg.corp/app/bad:1@${digest}: CVE-2024-1 critical in openssl 3.0.1 (fixed in 3.0.2). What to do: Take the fixed version (policy baseline, binding default)`;
  const rows: readonly [what: string, request: object, told: string | null][] = [
    ['a Pod with a cleared image', {}, null],
    ['a Pod with a refused image', { object: podOf('reg.corp/app/bad:1') }, bad],
    [
      'one refused image of two',
      { object: podOf('reg.corp/app/good:1', 'reg.corp/app/bad:1') },
      'container "c1": reg.corp/app/bad:1@sha256:aaaa',
    ],
    [
      'one image in two containers',
      { object: podOf('reg.corp/app/bad', 'reg.corp/app/bad') },
      'container "c0", container "c1": reg.corp/app/bad@sha256:aaaa',
    ],
    [
      'a refused init container',
      { object: init('reg.corp/app/bad') },
      'init container "setup": reg.corp/app/bad@',
    ],
    ['a refused image volume', { object: volume('reg.corp/app/bad') }, 'volume "v": reg.corp/app/bad@'],
    [
      'a refused ephemeral container',
      update(podOf('reg.corp/app/good'), ephemeral('reg.corp/app/bad'), {
        subResource: 'ephemeralcontainers',
      }),
      'ephemeral container "debug": reg.corp/app/bad@',
    ],
    [
      'a cleared ephemeral container',
      update(podOf('reg.corp/app/good'), ephemeral('reg.corp/app/good:2'), {
        subResource: 'ephemeralcontainers',
      }),
      null,
    ],
    [
      'an index of which one platform is refused',
      { object: podOf('reg.corp/app/half') },
      'linux/arm64: CVE-2024-1 critical in openssl',
    ],
    [
      'an image that could not be judged',
      { object: podOf('reg.corp/app/unread') },
      'no advisories cover Alpine:v3.19 (15 packages)',
    ],
    [
      'an image whose upstream is away',
      { object: podOf('reg.corp/app/away') },
      'the upstream does not answer (try again)',
    ],
    [
      'an image that is being inspected',
      { object: podOf('reg.corp/app/slow') },
      'not yet: it is being inspected; try again',
    ],
    [
      'an image that is not there',
      { object: podOf('reg.corp/app/gone') },
      'reg.corp/app/gone:latest is not there: check the name and the tag; if it is pushed later, try again',
    ],
    ['a full queue', { object: podOf('reg.corp/app/thrown') }, 'the queue is full (try again)'],
    [
      'a registry that is not known',
      { object: podOf('evil.example:5000/x:1') },
      'the registry evil.example:5000 is not known to Pratique',
    ],
    [
      'a name of the proxy itself behind which nothing is known',
      { object: podOf('pratique.corp/nope/x:1') },
      'pratique.corp is Pratique\'s own, and none of its upstreams has the name with which "nope/x" begins',
    ],
    ['text that is no image', { object: podOf('reg.corp/app/good:1:2') }, 'is not an image reference'],
    ['an image with a space before it', { object: podOf(' reg.corp/app/good') }, 'is not an image reference'],
    ['a Pod without image', { object: podOf(null) }, 'container "c0" names no image'],
    ['a Deployment with a cleared image', { ...deployment, object: templateOf('reg.corp/app/good') }, null],
    ['a Deployment with a refused image', { ...deployment, object: templateOf('reg.corp/app/bad:1') }, bad],
    ['a Deployment whose image comes later', { ...deployment, object: templateOf(null) }, null],
    [
      'a Deployment scaled',
      {
        ...deployment,
        ...update(templateOf('reg.corp/app/bad'), { ...templateOf('reg.corp/app/bad'), metadata: {} }),
      },
      null,
    ],
    [
      'a finalizer taken from a Pod with a refused image',
      update(podOf('reg.corp/app/bad'), { ...podOf('reg.corp/app/bad'), metadata: { finalizers: [] } }),
      null,
    ],
    ['a Pod given another image', update(podOf('reg.corp/app/good:1'), podOf('reg.corp/app/bad:1')), bad],
    [
      'an update without the object before it',
      { operation: 'UPDATE', object: podOf('reg.corp/app/bad:1') },
      bad,
    ],
    ['a Pod deleted', { operation: 'DELETE', object: null, oldObject: podOf('reg.corp/app/bad') }, null],
    [
      'a connection to a Pod',
      { operation: 'CONNECT', kind: { group: '', version: 'v1', kind: 'PodExecOptions' }, object: {} },
      null,
    ],
    [
      'an unknown kind',
      { kind: { group: 'example.org', version: 'v1', kind: 'Widget' }, object: podOf('reg.corp/app/good') },
      'does not know where a Widget',
    ],
    [
      'an unknown kind deleted',
      { operation: 'DELETE', kind: { group: 'example.org', version: 'v1', kind: 'Widget' }, object: null },
      null,
    ],
    [
      'an unknown kind updated',
      {
        ...update({ spec: { a: 1 } }, { spec: { a: 2 } }),
        kind: { group: 'example.org', version: 'v1', kind: 'Widget' },
      },
      'does not know where a Widget',
    ],
    [
      'a finalizer taken from an unknown kind',
      {
        ...update({ metadata: { finalizers: ['a'] }, spec: { a: 1 } }, { metadata: {}, spec: { a: 1 } }),
        kind: { group: 'example.org', version: 'v1', kind: 'Widget' },
      },
      null,
    ],
    [
      'a Deployment scaled by its subresource',
      {
        kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
        ...update({ spec: { replicas: 1 } }, { spec: { replicas: 9 } }, { subResource: 'scale' }),
      },
      null,
    ],
    [
      'a review that leaves out all it may',
      { oldObject: undefined, dryRun: undefined, name: undefined, namespace: undefined },
      null,
    ],
    ['an object left out', { object: undefined }, 'the request holds no Pod'],
    ['no object', { object: null }, 'the request holds no Pod'],
    ['a Pod of another shape', { object: { spec: { containers: 'x' } } }, 'the Pod of v1 cannot be read'],
    [
      'a client that says it was verified',
      {
        object: {
          ...podOf('reg.corp/app/bad:1'),
          metadata: {
            annotations: { verified: 'true' },
            ownerReferences: [{ kind: 'ReplicaSet', name: 'x' }],
          },
        },
      },
      bad,
    ],
    [
      'more images than are judged',
      { object: podOf(...Array.from({ length: 101 }, (_, i) => `reg.corp/app/good:${i}`)) },
      'it names 101 images',
    ],
    [
      'one image in more places than are read',
      { object: podOf(...Array.from({ length: 1001 }, () => 'reg.corp/app/good:1')) },
      'it names images in 1001 places',
    ],
    ['an error in Pratique', { object: podOf('reg.corp/app/broken') }, 'an error inside Pratique'],
  ];
  it.each(rows)('%s', async (_what, request, told) => {
    const { apiVersion, kind, response } = await at.reviewed(request);
    expect([apiVersion, kind, response.uid]).toEqual(['admission.k8s.io/v1', 'AdmissionReview', 'u-1']);
    expect(response.allowed).toBe(told === null);
    if (told === null) return expect(response.status).toBeUndefined();
    expect(response.status?.code).toBe(403);
    expect(response.status?.message).toMatch(/^Blocked by Pratique/);
    expect(response.status?.message).toContain(told);
  });

  it('asks for what the reference means', async () => {
    await at.reviewed({
      object: podOf('nginx', `reg.corp/app/good:1@${digest}`, 'index.docker.io/library/good:2'),
    });
    expect(asked.sort()).toEqual([
      'docker.io/library/good:2',
      'docker.io/library/nginx:latest',
      `reg.corp/app/good@${digest}`,
    ]);
  });

  it('asks nobody about an update that changes no image', async () => {
    await at.reviewed(update(podOf('reg.corp/app/good'), podOf('reg.corp/app/good')));
    expect(asked).toEqual([]);
  });

  it('allows with warnings that any terminal can show', async () => {
    const { response } = await at.reviewed({ object: podOf('reg.corp/app/warned:1') });
    expect(response).toMatchObject({
      allowed: true,
      warnings: [
        'Pratique: reg.corp/app/warned:1: CVE-2024-2 high in zlib ? (fixed in 2) (policy baseline, binding default)',
      ],
      auditAnnotations: { 'image-0': `reg.corp/app/warned:1@${digest} warn ${by}` },
    });
  });

  it('tells what was judged to the audit log, under keys that Kubernetes takes', async () => {
    const { response } = await at.reviewed({ object: podOf('reg.corp/app/good', 'reg.corp/app/bad') });
    expect(response.auditAnnotations).toEqual({
      'image-0': `reg.corp/app/good@${digest} pass ${by}`,
      'image-1': `reg.corp/app/bad@${digest} fail ${by}`,
    });
  });

  it('is bounded in what it says', async () => {
    const images = Array.from({ length: 30 }, (_, i) => `reg.corp/app/x${i}/endless`);
    const message = (await at.reviewed({ object: podOf(...images) })).response.status?.message ?? '';
    expect(message.length).toBeLessThanOrEqual(2000);
    expect(message).toMatch(/^Blocked by Pratique, 30 images:\n/);
    expect(message).toMatch(/and 22 more images$/);
    expect(message).not.toContain('\r');
  });

  it.each([
    ['a gate that does not settle', 'reg.corp/app/hung', 'not yet: it is being inspected; try again'],
    [
      'an upstream that does not answer',
      'reg.corp/app/silent',
      'not yet: reg.corp was asked, and has not answered',
    ],
  ])('is answered before the API server gives up: %s', async (_what, image, told) => {
    const started = performance.now();
    const { response } = await at.reviewed({ object: podOf(image, 'reg.corp/app/good') }, '?timeout=1s');
    expect(performance.now() - started).toBeLessThan(950);
    expect(response.status?.message).toContain(told);
  });

  it('counts each review, and logs errors of its own', async () => {
    await at.reviewed({ object: podOf('reg.corp/app/broken') });
    await at.reviewed({});
    expect(at.outcomes.map(({ allowed, kind, namespace }) => [allowed, kind, namespace])).toEqual([
      [false, 'Pod', 'default'],
      [true, 'Pod', 'default'],
    ]);
    expect(at.errors).toEqual(['admission review failed']);
  });

  it('keeps a connection open for the next review', async () => {
    const reply = await at.send('/validate', JSON.stringify(review()));
    expect(reply.headers.connection).toBe('keep-alive');
    expect(at.server.keepAliveTimeout).toBeGreaterThan(90_000);
    expect(at.server.headersTimeout).toBeGreaterThan(at.server.keepAliveTimeout);
  });
});
