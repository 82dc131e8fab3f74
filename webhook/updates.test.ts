import { describe, expect, it } from '@jest/globals';
import { findImages, imagesIn } from './images.ts';
import { clusterKinds } from './kinds.ts';
import { isOnlyMetadata, startedBy } from './updates.ts';

const pod = { group: '', version: 'v1', kind: 'Pod' };
const deployment = { group: 'apps', version: 'v1', kind: 'Deployment' };
type Specs = Readonly<Record<string, readonly (readonly [name: string, image: string])[]>>;
const spec = (lists: Specs) =>
  Object.fromEntries(
    Object.entries(lists).map(([list, all]) => [list, all.map(([name, image]) => ({ name, image }))]),
  );
const podOf = (lists: Specs) => findImages(clusterKinds, pod, { spec: spec(lists) });
const templateOf = (lists: Specs, metadata: object = {}) =>
  findImages(clusterKinds, deployment, { spec: { template: { metadata, spec: spec(lists) } } });
const two = {
  containers: [
    ['a', '1'],
    ['b', '2'],
  ],
} as const;

describe('what an update starts', () => {
  it.each([
    ['nothing, where a Pod has the same images', podOf(two), podOf(two), []],
    [
      'nothing, in another order',
      podOf({ containers: [two.containers[1], two.containers[0]] }),
      podOf(two),
      [],
    ],
    [
      'the image that a container of a Pod is given',
      podOf({
        containers: [
          ['a', '1'],
          ['b', '3'],
        ],
      }),
      podOf(two),
      ['3'],
    ],
    [
      'a container that is given the image of another',
      podOf({
        containers: [
          ['a', '1'],
          ['b', '1'],
        ],
      }),
      podOf(two),
      ['1'],
    ],
    [
      'images that change places',
      podOf({
        containers: [
          ['a', '2'],
          ['b', '1'],
        ],
      }),
      podOf(two),
      ['2', '1'],
    ],
    [
      'an ephemeral container and nothing beside it',
      podOf({ ...two, ephemeralContainers: [['debug', '1']] }),
      podOf(two),
      ['1'],
    ],
    ['nothing, where a container goes', podOf({ containers: [two.containers[0]] }), podOf(two), []],
    ['all of a Pod that could not be read before', podOf(two), podOf({}), ['1', '2']],
    ['nothing, where a template has the same images', templateOf(two), templateOf(two), []],
    [
      'nothing, where their places change',
      templateOf({ containers: [['x', '2']], initContainers: [['y', '1']] }),
      templateOf(two),
      [],
    ],
    ['nothing, where its labels change', templateOf(two, { labels: { a: 'b' } }), templateOf(two), []],
    [
      'nothing, where an image of a template goes',
      templateOf({ containers: [['a', '1']] }),
      templateOf(two),
      [],
    ],
    [
      'all of a template with a new image',
      templateOf({
        containers: [
          ['a', '1'],
          ['b', '3'],
        ],
      }),
      templateOf(two),
      ['1', '3'],
    ],
    [
      'all of a template that was empty',
      templateOf(two),
      findImages(clusterKinds, deployment, { spec: {} }),
      ['1', '2'],
    ],
  ])('is %s', (_what, after, before, images) => {
    expect(imagesIn({ pods: startedBy(after, before) }).map(({ image }) => image)).toEqual(images);
  });
});

describe('a change of metadata alone', () => {
  const base = { metadata: { finalizers: ['x'] }, spec: { list: [{ a: 1 }], text: 'b' } };
  const deep = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`) as object;
  it.each<[string, unknown, unknown, boolean]>([
    ['a finalizer', { ...base, metadata: {} }, base, true],
    ['no metadata any more', { spec: base.spec }, base, true],
    ['a status', { ...base, status: { a: 1 } }, base, true],
    ['another item', { ...base, spec: { list: [{ a: 2 }], text: 'b' } }, base, false],
    ['an item more', { ...base, spec: { list: [{ a: 1 }, null], text: 'b' } }, base, false],
    ['another key', { ...base, spec: { list: [{ b: 1 }], text: 'b' } }, base, false],
    ['a key of every object', { ...base, spec: { list: [{ a: 1 }], toString: 'b' } }, base, false],
    ['a further part', { ...base, other: 1 }, base, false],
    ['a part less', { metadata: {} }, base, false],
    ['a list for a map', { ...base, spec: [] }, { ...base, spec: {} }, false],
    ['what is deeper than anybody looks', { spec: deep(5000) }, { spec: deep(5000) }, false],
    ['lists', [], [], false],
    ['nothing', null, null, false],
  ])('%s: %#', (_what, after, before, only) => {
    expect(isOnlyMetadata(after, before)).toBe(only);
  });
});
