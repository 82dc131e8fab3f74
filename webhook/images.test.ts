import { describe, expect, it } from '@jest/globals';
import { findImages as findIn, imagesIn } from './images.ts';
import { clusterKinds } from './kinds.ts';
import type { ObjectKind } from './review.ts';

const findImages = (of: ObjectKind, object: unknown) => findIn(clusterKinds, of, object);
const kind = (group: string, name: string, version = 'v1'): ObjectKind => ({ group, version, kind: name });
const pod = kind('', 'Pod');
const spec = (fields: object = {}) => ({ containers: [{ name: 'web', image: 'a' }], ...fields });
const templated = { spec: { template: { spec: spec() } } };

describe('the images of an object', () => {
  const web = [['container "web"', 'a']];
  const rows: readonly [
    what: string,
    kind: ObjectKind,
    object: unknown,
    images: readonly (readonly string[])[],
  ][] = [
    ['a Pod', pod, { spec: spec() }, web],
    [
      'every place in a Pod',
      pod,
      {
        spec: spec({
          initContainers: [{ name: 'setup', image: 'b' }],
          ephemeralContainers: [{ name: 'debug', image: 'c' }],
          volumes: [
            { name: 'v', image: { reference: 'd' } },
            { name: 'e', emptyDir: {} },
          ],
        }),
      },
      [['init container "setup"', 'b'], ...web, ['ephemeral container "debug"', 'c'], ['volume "v"', 'd']],
    ],
    ['lists that are null', pod, { spec: spec({ initContainers: null, volumes: null }) }, web],
    ['a PodTemplate', kind('', 'PodTemplate'), { template: { spec: spec() } }, web],
    ['a ReplicationController', kind('', 'ReplicationController'), templated, web],
    ['a ReplicationController without template', kind('', 'ReplicationController'), { spec: {} }, []],
    ['a ReplicaSet', kind('apps', 'ReplicaSet'), templated, web],
    ['a Deployment', kind('apps', 'Deployment'), templated, web],
    ['a StatefulSet', kind('apps', 'StatefulSet'), templated, web],
    ['a DaemonSet', kind('apps', 'DaemonSet'), templated, web],
    ['a Job', kind('batch', 'Job'), templated, web],
    ['a CronJob', kind('batch', 'CronJob'), { spec: { jobTemplate: templated } }, web],
    [
      'a template whose container is filled in later',
      kind('apps', 'Deployment'),
      {
        spec: {
          template: {
            spec: { containers: [{ name: 'x' }, { name: 'web', image: 'a' }, { name: 'y', image: '' }] },
          },
        },
      },
      web,
    ],
  ];
  it.each(rows)('%s', (_what, of, object, images) => {
    const found = findImages(of, object);
    expect(imagesIn(found).map(({ where, image }) => [where, image])).toEqual(images);
    expect(found.faults).toEqual([]);
  });

  const faults: readonly [what: string, kind: ObjectKind, object: unknown, fault: string][] = [
    [
      'an unknown kind',
      kind('example.org', 'Widget'),
      { spec: spec() },
      'does not know where a Widget of example.org/v1 names its images',
    ],
    ['a known name of another group', kind('example.org', 'Pod'), { spec: spec() }, 'Pod of example.org/v1'],
    ['another version', kind('batch', 'CronJob', 'v2'), { spec: {} }, 'CronJob of batch/v2'],
    ['no object', pod, null, 'the request holds no Pod of v1'],
    ['an object that is a list', pod, [], 'the Pod of v1 cannot be read'],
    ['a Pod without spec', pod, {}, 'the Pod of v1 cannot be read: spec'],
    [
      'containers that are a map',
      pod,
      { spec: { containers: { name: 'x' } } },
      'cannot be read: spec.containers',
    ],
    [
      'an image that is a number',
      pod,
      { spec: { containers: [{ image: 1 }] } },
      'cannot be read: spec.containers.0.image',
    ],
    [
      'an image volume that is a text',
      pod,
      { spec: spec({ volumes: [{ image: 'x' }] }) },
      'cannot be read: spec.volumes.0.image',
    ],
    ['a Pod without containers', pod, { spec: {} }, 'the Pod has no containers'],
    [
      'a Pod with a container without image',
      pod,
      { spec: spec({ initContainers: [{ name: 'x' }] }) },
      'init container "x" names no image',
    ],
    [
      'a Pod with an image volume without image',
      pod,
      { spec: spec({ volumes: [{ name: 'v', image: {} }] }) },
      'volume "v" names no image',
    ],
    [
      'a Deployment whose template is a text',
      kind('apps', 'Deployment'),
      { spec: { template: 'x' } },
      'cannot be read: spec.template',
    ],
    ['kind __proto__', kind('', '__proto__'), {}, 'does not know'],
  ];
  it.each(faults)('cannot be told of %s', (_what, of, object, fault) => {
    expect(findImages(of, object).faults[0]).toContain(fault);
  });
});
