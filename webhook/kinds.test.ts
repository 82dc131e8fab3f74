import { describe, expect, it } from '@jest/globals';
import { findImages, imagesIn } from './images.ts';
import { type CustomKind, clusterKinds, kindsWith, type PodPath, parseSteps } from './kinds.ts';

const path = (text: string, holds: PodPath['holds'] = 'template'): PodPath => {
  const steps = parseSteps(text);
  if (steps === null) throw new Error(`${text} is no path`);
  return { holds, steps };
};
const custom = (kind: string, ...paths: PodPath[]): CustomKind => ({
  ...{ group: 'example.org', versions: ['v1', 'v2'], kind },
  paths,
});
const kinds = kindsWith([
  custom('Rollout', path('spec.template')),
  custom('Revision', path('spec', 'spec')),
  custom('JobSet', path('spec.jobs[].template')),
  custom('Training', path('spec.replicas.*.template')),
  custom('Cluster', path('spec.head.template'), path('spec.workers[].template')),
  { group: '', versions: ['v1'], kind: 'Pod', paths: [] },
]);
const find = (kind: string, object: unknown, version = 'v1') =>
  findImages(kinds, { group: 'example.org', version, kind }, object);
const template = (image: string, labels: Record<string, string> = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image }] },
});

describe('a path', () => {
  it.each([
    ['spec', [{ key: 'spec' }]],
    ['spec.template', [{ key: 'spec' }, { key: 'template' }]],
    ['spec.jobs[].template', [{ key: 'spec' }, { key: 'jobs' }, 'items', { key: 'template' }]],
    ['spec.*.a-b_c', [{ key: 'spec' }, 'values', { key: 'a-b_c' }]],
  ])('%s', (text, steps) => {
    expect(parseSteps(text)).toEqual(steps);
  });
  it.each(['', '.', 'a.', '.a', 'a..b', 'a[0]', '[]', '*[]', 'a[][]', 'a b', 'a/b', `${'a.'.repeat(16)}a`])(
    'is not "%s"',
    (text) => {
      expect(parseSteps(text)).toBeNull();
    },
  );
});

describe('a configured kind', () => {
  it.each<[string, object, readonly (readonly [where: string, image: string, pointer: string])[]]>([
    [
      'Rollout',
      { spec: { template: template('a') } },
      [['container "c"', 'a', '/spec/template/spec/containers/0/image']],
    ],
    ['Rollout', { spec: { workloadRef: { name: 'web' } } }, []],
    ['Rollout', { spec: null }, []],
    [
      'Revision',
      { spec: { containers: [{ image: 'a' }] } },
      [['container 0', 'a', '/spec/containers/0/image']],
    ],
    [
      'JobSet',
      { spec: { jobs: [{ template: template('a') }, {}, { template: template('b') }] } },
      [
        ['spec.jobs[0].template container "c"', 'a', '/spec/jobs/0/template/spec/containers/0/image'],
        ['spec.jobs[2].template container "c"', 'b', '/spec/jobs/2/template/spec/containers/0/image'],
      ],
    ],
    [
      'Training',
      { spec: { replicas: { 'a/b~c': { template: template('a') } } } },
      [['container "c"', 'a', '/spec/replicas/a~1b~0c/template/spec/containers/0/image']],
    ],
    [
      'Cluster',
      { spec: { head: { template: template('a') }, workers: [{ template: template('b') }] } },
      [
        ['spec.head.template container "c"', 'a', '/spec/head/template/spec/containers/0/image'],
        ['spec.workers[0].template container "c"', 'b', '/spec/workers/0/template/spec/containers/0/image'],
      ],
    ],
  ])('%s %#', (kind, object, images) => {
    const found = find(kind, object);
    expect(found.faults).toEqual([]);
    expect(imagesIn(found).map(({ where, image, pointer }) => [where, image, pointer])).toEqual(images);
  });

  it('tells the labels of each template from those of others', () => {
    const jobs = [{ template: template('a', { tier: 'web' }) }, { template: template('b') }];
    expect(find('JobSet', { spec: { jobs } }, 'v2').pods.map(({ labels }) => ({ ...labels }))).toEqual([
      { tier: 'web' },
      {},
    ]);
    const revision = { metadata: { labels: { own: 'x' } }, spec: { containers: [] } };
    expect({ ...find('Revision', revision).pods[0]?.labels }).toEqual({ own: 'x' });
  });

  it.each<[string, object, string]>([
    [
      'JobSet',
      { spec: { jobs: {} } },
      'the JobSet of example.org/v1 cannot be read: spec.jobs: a list is expected',
    ],
    ['JobSet', { spec: { jobs: ['x'] } }, 'cannot be read: spec.jobs[0]: a map is expected'],
    ['Training', { spec: { replicas: [] } }, 'cannot be read: spec.replicas: a map is expected'],
    ['Rollout', { spec: { template: 'x' } }, 'cannot be read: spec.template: '],
    [
      'Rollout',
      { spec: { template: { spec: { containers: 1 } } } },
      'cannot be read: spec.template.spec.containers: ',
    ],
    ['Revision', { metadata: { labels: 1 }, spec: {} }, 'cannot be read: metadata.labels: '],
    [
      'JobSet',
      { spec: { jobs: Array.from({ length: 101 }, () => ({ template: {} })) } },
      'more than 100 templates',
    ],
  ])('%s that is of another shape is refused: %#', (kind, object, fault) => {
    expect(find(kind, object).faults).toEqual([expect.stringContaining(fault)]);
  });

  it('does not take the place of one that the cluster has', () => {
    expect(kinds.get('/v1/Pod')).toEqual(clusterKinds.get('/v1/Pod'));
  });
});
