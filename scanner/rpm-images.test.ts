import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import { writeTar } from '../test/support/images.ts';
import { headerOf, type SampleHeader } from './catalogers/rpm/samples.ts';
import { berkeleyOf } from './catalogers/rpm/samples-berkeley.ts';
import { sqliteOf } from './catalogers/rpm/samples-sqlite.ts';
import { digestOf, inventoryOf, type Layer, link, names, type Sample, whiteout, whys } from './samples.ts';

const inventory = (...layers: readonly Layer[]): Promise<Inventory> =>
  inventoryOf(layers.map((layer) => writeTar(layer)));

const alma: Sample = {
  path: 'etc/os-release',
  content: 'ID="almalinux"\nVERSION_ID="9.3"\nNAME="AlmaLinux"',
};
const folder = 'var/lib/rpm';
const database = (at: string, ...packages: readonly SampleHeader[]): Sample => ({
  path: `${at}/rpmdb.sqlite`,
  content: sqliteOf(packages.map(headerOf)),
});
const a = { name: 'a', release: '1.el9' };
const b = { name: 'b', release: '1.el9' };

describe('an image of rpm packages', () => {
  it('names them by system, source, architecture and epoch', async () => {
    const found = await inventory([
      alma,
      database(folder, a, {
        name: 'openssl-libs',
        version: '3.0.7',
        release: '24.el9',
        epoch: 1,
        sourceRpm: 'openssl-3.0.7-24.el9.src.rpm',
      }),
    ]);
    expect(found.packages.map(({ purl, version, source }) => [purl, version, source.name])).toEqual([
      [
        'pkg:rpm/almalinux/a@1-1.el9?arch=x86_64&distro=almalinux-9.3&upstream=a-1-1.el9.src.rpm',
        '1-1.el9',
        'a',
      ],
      [
        'pkg:rpm/almalinux/openssl-libs@3.0.7-24.el9?arch=x86_64&distro=almalinux-9.3&epoch=1&upstream=openssl-3.0.7-24.el9.src.rpm',
        '1:3.0.7-24.el9',
        'openssl',
      ],
    ]);
    expect(found.incomplete).toEqual([]);
  });

  it('tells the layer that brought each', async () => {
    const found = await inventory([alma, database(folder, a)], [database(folder, a, b)]);
    expect(found.packages.map(({ name, layer }) => [name, layer])).toEqual([
      ['a', digestOf(0)],
      ['b', digestOf(1)],
    ]);
  });

  it.each<readonly [string, Layer]>([
    ['usr/lib/sysimage/rpm', [database('usr/lib/sysimage/rpm', a)]],
    ['usr/share/rpm', [database('usr/share/rpm', a)]],
    [
      'a link of the old folder',
      [link(folder, '../../usr/lib/sysimage/rpm'), database('usr/lib/sysimage/rpm', a)],
    ],
    ['a link of the new folder', [link('usr/lib/sysimage/rpm', '/var/lib/rpm'), database(folder, a)]],
    ['a link of the file', [link(`${folder}/rpmdb.sqlite`, '/opt/rpmdb.sqlite'), database('opt', a)]],
    ['Berkeley DB', [{ path: `${folder}/Packages`, content: berkeleyOf([headerOf(a)]) }]],
    ['an empty log beside it', [database(folder, a), { path: `${folder}/rpmdb.sqlite-wal`, content: '' }]],
  ])('finds the database: %s', async (_, layer) => {
    const found = await inventory([alma, ...layer]);
    expect(names(found)).toEqual(['a 1-1.el9']);
    expect(found.incomplete).toEqual([]);
  });

  it.each<readonly [string, readonly Layer[], RegExp]>([
    ['a folder elsewhere', [[alma, link(folder, '/opt/rpm'), database('opt/rpm', a)]], /leads to "opt\/rpm"/],
    [
      'changes beside the database',
      [[database(folder, a), { path: `${folder}/rpmdb.sqlite-wal`, content: 'x' }]],
      /rpmdb.sqlite-wal: it holds changes/,
    ],
    [
      'a database that was removed, its indexes not',
      [
        [
          { path: `${folder}/Packages`, content: berkeleyOf([]) },
          { path: `${folder}/Basenames`, content: 'x' },
        ],
        [whiteout(`${folder}/Packages`)],
      ],
      /Basenames: files of rpm packages are there, but the package database is not/,
    ],
    [
      'a database that was removed, its empty log not',
      [
        [
          database(folder, a),
          { path: `${folder}/rpmdb.sqlite-wal`, content: '' },
          { path: `${folder}/rpmdb.sqlite-shm`, content: 'x' },
        ],
        [whiteout(`${folder}/rpmdb.sqlite`)],
      ],
      /sqlite-shm: files of rpm packages are there, but the package database is not/,
    ],
    [
      'an AlmaLinux whose list was emptied',
      [[alma, database(folder, a)], [database(folder)]],
      /no database lists a single rpm package/,
    ],
    ['an AlmaLinux without a database', [[alma]], /no database lists a single rpm package/],
  ])('tells of %s', async (_, layers, why) => {
    expect(whys(await inventory(...layers))).toMatch(why);
  });
});
