import { describe, expect, it } from '@jest/globals';
import { podObject, type SamplePod, sha } from '../../test/support/cluster-pods.ts';
import { readPod } from './pod.ts';

const kept = new Set(['team']);
const read = (pod: Partial<SamplePod>) => readPod(podObject({ name: 'web-1', ...pod }), kept);
const imagesOf = (pod: Partial<SamplePod>) => {
  const found = read(pod);
  if (found === null || found === 'unreadable') throw new Error('no pod');
  return found.images.map(({ image, id }) => [image, id]);
};
const running = { state: { running: {} } };
const ended = { state: { terminated: { exitCode: 0 } } };

describe('what a Pod runs', () => {
  it('is what its containers name, as its node has it', () => {
    expect(imagesOf({})).toEqual([['registry.corp/team/app:1', `registry.corp/team/app@${sha(1)}`]]);
  });

  const rows: readonly [what: string, pod: Partial<SamplePod>, ids: number[]][] = [
    [
      'nothing before an image is there',
      { status: { containerStatuses: [{ name: 'web', imageID: '' }] } },
      [],
    ],
    ['nothing without a status', { status: { containerStatuses: undefined } }, []],
    [
      'a container that crashes and is begun again',
      { status: { containerStatuses: [{ name: 'web', imageID: `a@${sha(2)}`, ...ended }] } },
      [2],
    ],
    [
      'sidecars, but no init container that is over',
      {
        status: {
          initContainerStatuses: [
            { name: 'sidecar', image: 's', imageID: `s@${sha(3)}`, ...running },
            { name: 'migrate', image: 'm', imageID: `m@${sha(4)}`, ...ended },
          ],
        },
      },
      [1, 3],
    ],
    [
      'ephemeral containers while they run',
      {
        status: {
          ephemeralContainerStatuses: [
            { name: 'debug', image: 'd', imageID: `d@${sha(5)}`, ...running },
            { name: 'before', image: 'd', imageID: `d@${sha(6)}`, ...ended },
          ],
        },
      },
      [1, 5],
    ],
    [
      'image volumes, by what their mounts say',
      {
        spec: {
          volumes: [
            { name: 'model', image: { reference: 'm:1' } },
            { name: 'other', emptyDir: {} },
          ],
        },
        status: {
          containerStatuses: [
            {
              ...{ name: 'web', image: 'w', imageID: `w@${sha(1)}`, ...running },
              volumeMounts: [
                { name: 'other', mountPath: '/o' },
                { name: 'model', mountPath: '/m', volumeStatus: { image: { imageRef: `m@${sha(7)}` } } },
              ],
            },
          ],
        },
      },
      [1, 7],
    ],
  ];
  it.each(rows)('%s', (_what, pod, ids) => {
    expect(imagesOf(pod).map(([, id]) => id)).toEqual(
      ids.map((number) => expect.stringContaining(sha(number))),
    );
  });

  it('keeps the labels that somebody looks at, and no others', () => {
    const labels = { team: 'red', other: 'x', toString: 'y' };
    expect(read({ labels })).toMatchObject({ labels: { team: 'red' } });
    expect(readPod(podObject({ name: 'a', labels: {} }), new Set(['constructor']))).toMatchObject({
      labels: {},
    });
  });

  it.each([
    ['a Deployment', { owner: { kind: 'ReplicaSet', name: 'web-7d9' } }, 'Deployment/web'],
    ['a ReplicaSet of its own', { owner: { kind: 'ReplicaSet', name: 'web' } }, 'ReplicaSet/web'],
    ['a StatefulSet', { owner: { kind: 'StatefulSet', name: 'db' } }, 'StatefulSet/db'],
    ['nobody', { owner: null }, 'Pod/web-1'],
  ])('belongs to %s', (_what, pod, workload) => {
    expect(read(pod)).toMatchObject({
      workload,
      account: 'web',
      startedAt: Date.parse('2026-11-01T08:00:00Z'),
    });
  });

  it.each([['Succeeded'], ['Failed']])('is nothing once it has %s', (phase) => {
    expect(read({ phase })).toBeNull();
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'pod'],
    ['an object without a uid', { metadata: { name: 'a', namespace: 'b' }, spec: {} }],
    [
      'labels that are no texts',
      { ...podObject({ name: 'a' }), metadata: { uid: 'u', name: 'a', namespace: 'b', labels: { a: 1 } } },
    ],
    ['containers that are no list', { ...podObject({ name: 'a' }), spec: { containers: 7 } }],
  ])('cannot be told of %s', (_what, object) => {
    expect(readPod(object, kept)).toBe('unreadable');
  });

  it('is bounded, whatever whoever wrote it put into it', () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({
      ...{ name: `c-${index}`, image: `i-${index}`, imageID: `i@${sha(index)}`, ...running },
    }));
    expect(read({ status: { containerStatuses: many } })).toMatchObject({ unread: 4800 });
    const long = { name: 'web', image: 'w', imageID: `${'x'.repeat(2000)}@${sha(1)}`, ...running };
    expect(read({ status: { containerStatuses: [long] } })).toMatchObject({ images: [], unread: 1 });
  });
});
