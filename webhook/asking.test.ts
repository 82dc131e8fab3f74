import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { askers, digest, podOf, startTestServer, type TestServer } from './samples.ts';

/** Who asks is told to the bindings, and what they allow is done. */
let at: TestServer;
let labels: Record<string, string> | null = {};
beforeAll(async () => {
  at = await startTestServer({
    cluster: 'prod',
    namespaces: { labelsOf: () => Promise.resolve(labels), close: () => undefined },
  });
});
afterAll(async () => {
  await at.close();
});
beforeEach(() => {
  labels = {};
  for (const list of [askers, at.admitted, at.refused]) list.length = 0;
});

const pod = (metadata: object, spec: object = {}, image = 'reg.corp/app/good:1') => ({
  metadata,
  spec: { ...podOf(image).spec, ...spec },
});
const deployment = (template: object) => ({
  kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
  object: { metadata: { labels: { role: 'outer' } }, spec: { template } },
});
const cronJob = (template: object) => ({
  kind: { group: 'batch', version: 'v1', kind: 'CronJob' },
  object: { spec: { jobTemplate: { spec: { template } } } },
});

describe('who asks', () => {
  it.each<[what: string, request: object, asker: object]>([
    ['a Pod', {}, { gate: 'admission', cluster: 'prod', namespace: 'default', user: 'ada', groups: [] }],
    ['the labels of a Pod', { object: pod({ labels: { app: 'x' } }) }, { workloadLabels: { app: 'x' } }],
    [
      'those of a template, not of the object',
      deployment(pod({ labels: { app: 'x' } })),
      { workloadLabels: { app: 'x' } },
    ],
    [
      'those of a CronJob’s template',
      cronJob(pod({ labels: { app: 'x' } })),
      { workloadLabels: { app: 'x' } },
    ],
    ['no labels', { object: pod({ labels: null }) }, { workloadLabels: {} }],
    ['no service account', {}, { serviceAccount: 'default/default' }],
    [
      'a service account',
      { namespace: 'shop', object: pod({}, { serviceAccountName: 'till' }) },
      { serviceAccount: 'shop/till' },
    ],
    [
      'one in a template',
      deployment(pod({}, { serviceAccountName: 'till' })),
      { serviceAccount: 'default/till' },
    ],
    [
      'one by its older name',
      { object: pod({}, { serviceAccount: 'till' }) },
      { serviceAccount: 'default/till' },
    ],
    [
      'both names',
      { object: pod({}, { serviceAccountName: 'till', serviceAccount: 'other' }) },
      { serviceAccount: 'default/till' },
    ],
    [
      'a user with groups',
      { userInfo: { username: 'bob', groups: ['dev', 'ops'], extra: { a: ['b'] } } },
      { user: 'bob', groups: ['dev', 'ops'] },
    ],
    ['nobody', { userInfo: undefined }, { user: null, groups: [] }],
    ['an empty name', { userInfo: { username: '' } }, { user: null }],
  ])('%s', async (_what, request, asker) => {
    await at.reviewed(request);
    expect(askers[0]).toMatchObject(asker);
  });

  it.each([
    ['labels that are no texts', { object: pod({ labels: { app: 1 } }) }],
    ['labels that are a list', { object: pod({ labels: ['a'] }) }],
    ['a service account that is no text', { object: pod({}, { serviceAccountName: {} }) }],
  ])('is refused with %s', async (_what, request) => {
    const { response } = await at.reviewed(request);
    expect([response.allowed, response.status?.message]).toEqual([
      false,
      expect.stringContaining('the Pod of v1 cannot be read'),
    ]);
  });

  it.each([
    ['a user that is no text', { username: 1 }],
    ['groups that are no texts', { username: 'x', groups: [1] }],
  ])('is no review with %s', async (_what, userInfo) => {
    await expect(at.reviewed({ userInfo })).rejects.toThrow('answered 400');
  });
});

describe('what bindings allow', () => {
  const not = 'allowed';
  it.each<[namespace: string, image: string, told: string, warned: string | null]>([
    ['default', 'reg.corp/app/bad:1', 'CVE-2024-1', null],
    ['default', 'evil.example/x:1', 'not known to Pratique', null],
    ['default', 'reg.corp/app/silent:1', 'has not answered', null],
    ['default', 'reg.corp/banned/x:1', 'refused without being inspected: nobody keeps them', null],
    ['default', 'trusted.example/x:1', not, 'let through without being inspected'],
    ['warned', 'reg.corp/app/bad:1', not, 'CVE-2024-1'],
    ['warned', 'evil.example/x:1', not, 'would be refused: the registry evil.example is not known'],
    ['warned', 'reg.corp/app/silent:1', not, 'would be refused: reg.corp was asked, and has not answered'],
    ['warned', 'reg.corp/app/gone:1', not, 'would be refused: reg.corp/app/gone:latest is not there'],
    ['warned', 'reg.corp/app/slow:1', not, 'being inspected'],
    ['warned', 'reg.corp/app/hung:1', not, 'being inspected'],
    ['warned', 'reg.corp/app/good:1:2', '"reg.corp/app/good:1:2" is not an image reference', null],
    ['audited', 'reg.corp./app/good:1', '"reg.corp./app/good:1" is not an image reference', null],
    ['lenient', 'reg.corp:0443/app/good:1', 'is not an image reference', null],
    ['audited', `reg.corp/app/good@sha384:${'a'.repeat(96)}`, 'is not a sha256 or sha512 digest', null],
    ['audited', `reg.corp/app/good@sha256:${'A'.repeat(64)}`, 'is not a sha256 or sha512 digest', null],
    ['default', 'reg.corp:443/banned/x:1', 'refused without being inspected', null],
    ['lenient', 'Reg.corp:443/app/bad:1', 'CVE-2024-1', null],
    ['warned', 'reg.corp/banned/x:1', 'refused without being inspected', null],
    ['audited', 'reg.corp/app/bad:1', not, null],
    ['audited', 'evil.example/x:1', not, null],
    ['audited', 'reg.corp/app/warned:1', not, null],
    ['lenient', 'reg.corp/app/slow:1', not, 'being inspected'],
    ['lenient', 'reg.corp/app/silent:1', not, 'it is let through before it has been inspected'],
    ['lenient', 'evil.example/x:1', not, 'let through without being inspected: the registry evil.example'],
    ['lenient', 'reg.corp/app/bad:1', 'CVE-2024-1', null],
    ['lenient', 'reg.corp/app/gone:1', 'is not there', null],
  ])('in %s of %s: %s', async (namespace, image, told, warned) => {
    const { response } = await at.reviewed({ namespace, object: podOf(image) }, '?timeout=1s');
    expect([response.allowed, response.status?.message ?? not]).toEqual([
      told === not,
      expect.stringContaining(told),
    ]);
    expect(response.warnings ?? null).toEqual(warned === null ? null : [expect.stringContaining(warned)]);
  });

  it('is told to the audit log, with the binding that has decided', async () => {
    const { response } = await at.reviewed({ namespace: 'audited', object: podOf('reg.corp/app/bad:1') });
    expect(response.auditAnnotations).toEqual({
      'image-0': `reg.corp/app/bad:1@${digest} fail binding=audits policy=baseline mode=audit`,
    });
  });

  it.each([
    ['fit', { tier: 'web' }, true],
    ['do not', { tier: 'db' }, false],
    ['cannot be read', null, false],
  ])('goes by the labels of the namespace: they %s', async (_what, read, allowed) => {
    labels = read;
    const { response } = await at.reviewed({ object: podOf('reg.corp/app/bad:1') });
    expect(response.allowed).toBe(allowed);
    if (read === null) expect(response.status?.message).toContain('binding production');
  });
});

describe('what is told of an object', () => {
  const owned = {
    name: 'web-5d4-x',
    labels: { 'pod-template-hash': '5d4', team: 'till' },
    ownerReferences: [
      { kind: 'Thing', name: 'other' },
      { kind: 'ReplicaSet', name: 'web-5d4', controller: true },
    ],
  };

  it.each<[what: string, request: object, workload: string, team: string | null]>([
    ['a Pod of its own', {}, 'Pod/p', null],
    ['a Pod of a Deployment', { object: pod(owned) }, 'Deployment/web', 'till'],
    [
      'a Pod that is yet without name',
      { name: '', object: pod({ generateName: 'job-', labels: { team: 'x'.repeat(63) } }) },
      'Pod/job-*',
      'x'.repeat(63),
    ],
    ['a Deployment', { ...deployment(pod({})), name: 'web' }, 'Deployment/web', null],
    [
      'an owner of another kind',
      { object: pod({ ownerReferences: [{ kind: 'Job', name: 'n-1', controller: true }] }) },
      'Job/n-1',
      null,
    ],
  ])('where it was let in: %s', async (_what, request, workload, team) => {
    await at.reviewed({ namespace: 'shop', ...request });
    expect(at.admitted).toEqual([
      {
        ...{ digest, cluster: 'prod', namespace: 'shop', workload, team, lastAt: expect.any(String) },
        image: `reg.corp/app/good:1@${digest}`,
      },
    ]);
    expect(at.refused).toEqual([]);
  });

  it('what was decided of each image, and by which binding', async () => {
    at.decisions.length = 0;
    await at.reviewed({ namespace: 'warned', object: podOf('reg.corp/app/bad:1', 'reg.corp/app/good:1') });
    expect(at.decisions.map(({ status, allowed, ruled }) => [status, allowed, ruled?.mode])).toEqual([
      ['fail', true, 'warn'],
      ['pass', true, 'warn'],
    ]);
  });

  it('has the team of the namespace where the object has none', async () => {
    labels = { team: 'shopkeepers' };
    await at.reviewed({});
    expect(at.admitted[0]?.team).toBe('shopkeepers');
  });

  it('that it was refused, by image', async () => {
    const object = podOf('reg.corp/app/good:1', 'reg.corp/app/bad:1');
    await at.reviewed({ namespace: 'shop', object });
    expect(at.admitted).toEqual([]);
    expect(at.refused).toEqual([
      {
        kind: 'admission-refused',
        severity: 'warning',
        at: expect.any(String),
        group: `admission-refused prod/shop reg.corp/app/bad:1@${digest}`,
        title: `Pod/p in shop was refused: its image reg.corp/app/bad:1@${digest} is not allowed to run`,
        reasons: ['CVE-2024-1 critical in openssl 3.0.1 (fixed in 3.0.2)'],
        subject: {
          image: `reg.corp/app/bad:1@${digest}`,
          digest,
          policy: 'baseline',
          gate: 'admission',
          cluster: 'prod',
          namespace: 'shop',
          workload: 'Pod/p',
          user: 'ada',
          advisories: ['CVE-2024-1'],
        },
      },
    ]);
  });

  it('that it was refused, where nobody can tell which binding holds', async () => {
    labels = null;
    await at.reviewed({ object: podOf('reg.corp/app/good:1') });
    expect(at.refused).toMatchObject([
      { reasons: [expect.stringContaining('binding production')], subject: { policy: null } },
    ]);
  });

  it('that it was refused, where nobody can tell its images', async () => {
    await at.reviewed({ object: null });
    expect(at.refused).toMatchObject([{ title: 'Pod/p in default was refused', subject: { image: null } }]);
  });

  it.each([
    ['a dry run', { dryRun: true }],
    ['a refused dry run', { dryRun: true, object: podOf('reg.corp/app/bad:1') }],
    ['a deletion', { operation: 'DELETE' }],
    ['an image that is being inspected', { object: podOf('reg.corp/app/slow:1') }],
    ['an image that nobody looked at', { object: podOf('trusted.example/x:1') }],
  ])('is nothing of %s', async (_what, request) => {
    await at.reviewed(request);
    expect([at.admitted, at.refused]).toEqual([[], []]);
  });
});
