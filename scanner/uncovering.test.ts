import { describe, expect, it } from '@jest/globals';
import { writeTar } from '../test/support/images.ts';
import {
  apk,
  dpkg,
  file,
  folder,
  hard,
  inventoryOf,
  type Layer,
  link,
  npm,
  opaque,
  type Sample,
  whiteout,
  whys,
} from './samples.ts';

const inventory = (...layers: readonly Layer[]) => inventoryOf(layers.map((layer) => writeTar(layer)));
const base: Layer = [npm('evil')];
const globalHeader = (path: string): Sample => ({ path, patchHeader: (header) => header.write('g', 156) });

/**
 * On overlayfs a layer is unpacked by itself: what takes a whiteout, an opaque mark or a link away again makes the
 * lower layer's files show through. Seen with containerd on overlayfs: the package runs.
 */
describe('a layer that hides what is below and takes that back is refused', () => {
  it.each<readonly [string, Layer]>([
    ['an opaque root, which overlayfs ignores', [file('.wh..wh..opq'), npm('good')]],
    ['a whiteout, then a folder', [whiteout('app'), folder('app')]],
    ['an opaque folder, then a file, then a folder', [opaque('app'), file('app'), folder('app')]],
    [
      'a whiteout below a folder that a file replaces',
      [whiteout('app/node_modules'), file('app'), folder('app')],
    ],
    ['a link, then a folder', [link('app', '/nowhere'), folder('app')]],
    ['a link, then a file, then a folder', [link('app', '/nowhere'), file('app'), folder('app')]],
    [
      'a link below a folder that a file replaces',
      [link('app/node_modules', '/x'), file('app'), folder('app')],
    ],
    ['a whiteout, then a global header of its name', [whiteout('app'), globalHeader('app')]],
    ['a link, then a global header of its name', [link('app', '/nowhere'), globalHeader('app')]],
  ])('%s', async (_what, layer) => {
    await expect(inventory(base, layer)).rejects.toThrow(/runtimes/);
  });

  it.each<readonly [string, Layer, number]>([
    ['a whiteout alone', [whiteout('app')], 0],
    ['a whiteout, then a file, as when a folder becomes a file', [whiteout('app'), file('app')], 0],
    ['an opaque folder with new content', [folder('app'), opaque('app'), npm('good')], 1],
    ['the usual global header of git', [globalHeader('pax_global_header'), npm('good')], 2],
  ])('but not %s', async (_what, layer, packages) => {
    expect((await inventory(base, layer)).packages).toHaveLength(packages);
  });
});

describe('a package database that is not the one that was read', () => {
  it('is told when a candidate was replaced by what its cataloger cannot read', async () => {
    const found = await inventory([
      file('y/installed', apk('clean')),
      hard('x/status', 'y/installed'),
      file('x/status', apk('vulnerable')),
      link('lib/apk/db/installed', '/x/status'),
    ]);
    expect(found.packages.map(({ name }) => name)).not.toContain('clean');
    expect(whys(found)).toContain('lib/apk/db/installed: a symbolic link leads to "x/status"');
  });

  it('is told when a lower layer had a readable one there', async () => {
    const found = await inventory(
      [file('x/status', dpkg('clean')), link('var/lib/dpkg/status', '/x/status')],
      [file('x/status', 'nothing that dpkg would write')],
    );
    expect(found.packages).toEqual([]);
  });
});

describe('names that are no names', () => {
  it('are not kept, and said', async () => {
    const found = await inventory([
      file('var/lib/dpkg/status', `${dpkg('x'.repeat(5000))}\n${dpkg('openssl')}`),
    ]);
    expect(found.packages.map(({ name }) => name)).toEqual(['openssl']);
    expect(whys(found)).toContain('more than 1024 characters');
  });
});
