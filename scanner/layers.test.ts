import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import { writeTar } from '../test/support/images.ts';
import {
  at,
  dpkg,
  file,
  folder,
  hard,
  inventoryOf,
  type Layer,
  link,
  names,
  npm,
  opaque,
  whiteout,
  whys,
} from './samples.ts';

const inventory = (...layers: readonly Layer[]): Promise<Inventory> =>
  inventoryOf(layers.map((layer) => writeTar(layer)));

describe('a package is where its file is', () => {
  it.each<readonly [string, readonly Layer[], readonly string[]]>([
    ['in one layer', [[npm('a'), npm('b')]], ['a 1.0.0', 'b 1.0.0']],
    ['in several', [[npm('a')], [npm('b')]], ['a 1.0.0', 'b 1.0.0']],
    ['whatever the name looks like', [[at('./app//node_modules/./x/../a', 'a')]], ['a 1.0.0']],
    ['with an absolute name', [[at('/app/node_modules/a', 'a')]], ['a 1.0.0']],
    ['with a name that climbs', [[at('../../app/node_modules/a', 'a')]], ['a 1.0.0']],
    [
      'twice where two versions lie apart',
      [[npm('a'), at('app/node_modules/b/node_modules/a', 'a', '2.0.0')]],
      ['a 1.0.0', 'a 2.0.0'],
    ],
    ['the last of two entries of a layer', [[npm('a'), npm('a', '2.0.0')]], ['a 2.0.0']],
    ['the upper of two layers', [[npm('a')], [npm('a', '2.0.0')]], ['a 2.0.0']],
    [
      'under names that are no UTF-8, apart',
      [
        [
          { path: 'app', raw: writeTar([at('app/node_modules/\xe4', 'a')], { end: false }) },
          { path: 'app', raw: latin1Name(writeTar([at('app/node_modules/\xe4', 'b')], { end: false })) },
        ],
      ],
      ['a 1.0.0', 'b 1.0.0'],
    ],
  ])('%s', async (_, layers, expected) => {
    const found = await inventory(...layers);
    expect(names(found)).toEqual(expected);
    expect(found.incomplete).toEqual([]);
  });
});

describe('whiteouts', () => {
  it.each<readonly [string, readonly Layer[], readonly string[]]>([
    ['hide a file below', [[npm('a'), npm('b')], [whiteout('app/node_modules/a/package.json')]], ['b 1.0.0']],
    ['hide a folder below', [[npm('a'), npm('b')], [whiteout('app/node_modules/a')]], ['b 1.0.0']],
    ['hide a folder far below', [[npm('a')], [], [whiteout('app')]], []],
    ['hide nothing of their own layer', [[npm('a'), whiteout('app/node_modules/a')]], ['a 1.0.0']],
    [
      'hide what is below only, whatever the order',
      [[npm('a')], [npm('b'), whiteout('app/node_modules')]],
      ['b 1.0.0'],
    ],
    [
      'let a file come again',
      [[npm('a')], [whiteout('app/node_modules/a')], [npm('a', '2.0.0')]],
      ['a 2.0.0'],
    ],
    [
      'let it come again in the same layer',
      [[npm('a')], [whiteout('app/node_modules/a'), npm('a', '2.0.0')]],
      ['a 2.0.0'],
    ],
    ['that are opaque hide what is below', [[npm('a')], [npm('b'), opaque('app/node_modules')]], ['b 1.0.0']],
    ['that are opaque keep what is beside', [[npm('a')], [opaque('app/other')]], ['a 1.0.0']],
    ['of a folder may be folders', [[npm('a')], [folder('app/node_modules/.wh.a')]], []],
    [
      'of aufs itself hide nothing',
      [[npm('a')], [file('.wh..wh.plnk/x'), file('app/.wh..wh.aufs')]],
      ['a 1.0.0'],
    ],
    [
      'are told by the base name, not by any folder',
      [[npm('a')], [file('app/.wh./node_modules/x')]],
      ['a 1.0.0'],
    ],
    [
      'are no wheels',
      [
        [npm('wheel')],
        [file('usr/lib/python3/wheel-0.37.0.dist-info/METADATA', 'Name: Wheel\nVersion: 0.37.0\n')],
      ],
      ['wheel 1.0.0', 'Wheel 0.37.0'],
    ],
    [
      'of a name that is a prefix hide only that name',
      [[npm('a'), npm('ab')], [whiteout('app/node_modules/a')]],
      ['ab 1.0.0'],
    ],
    ['many times over do no more', [[npm('a')], Array.from({ length: 50 }, () => whiteout('app'))], []],
  ])('%s', async (_, layers, expected) => {
    const found = await inventory(...layers);
    expect(names(found)).toEqual(expected);
    expect(found.incomplete).toEqual([]);
  });

  it.each(['.wh.', '.wh..', '.wh...'])('named %s would hide their own folder: an error', async (name) => {
    await expect(inventory([file(`app/${name}`)])).rejects.toMatchObject({
      code: 'layer-unreadable',
      message: expect.stringContaining(`app/${name}`),
    });
  });

  it('behind a link of a lower layer hide nothing: overlayfs would not either', async () => {
    const found = await inventory([npm('a'), link('alias', 'app')], [whiteout('alias/node_modules')]);
    expect(names(found)).toEqual(['a 1.0.0']);
  });

  it('behind a link of their own layer hide what the link leads to', async () => {
    const found = await inventory([npm('a')], [link('alias', 'app'), whiteout('alias/node_modules')]);
    expect(names(found)).toEqual([]);
  });
});

describe('hard links', () => {
  it.each<readonly [string, readonly Layer[], readonly string[], RegExp]>([
    [
      'in the same layer',
      [[npm('a'), hard('app/node_modules/b/package.json', 'app/node_modules/a/package.json')]],
      ['a 1.0.0', 'a 1.0.0'],
      /^$/,
    ],
    [
      'with a name to clean',
      [[npm('a'), hard('app/node_modules/b/package.json', './/app/node_modules/a/package.json')]],
      ['a 1.0.0', 'a 1.0.0'],
      /^$/,
    ],
    [
      'to a lower layer',
      [[npm('a')], [hard('app/node_modules/b/package.json', 'app/node_modules/a/package.json')]],
      ['a 1.0.0', 'a 1.0.0'],
      /^$/,
    ],
    [
      'of the database',
      [[file('opt/status', dpkg('x')), hard('var/lib/dpkg/status', 'opt/status')]],
      ['x 1'],
      /^$/,
    ],
    [
      'to a file that was not read',
      [[file('tmp/x', dpkg('x')), hard('var/lib/dpkg/status', 'tmp/x')]],
      [],
      /status: it is a hard link to tmp\/x, which was not read/,
    ],
    ['to nothing', [[hard('var/lib/dpkg/status', 'nowhere')]], [], /hard link to nowhere/],
  ])('%s', async (_, layers, expected, why) => {
    const found = await inventory(...layers);
    expect(names(found)).toEqual(expected);
    expect(whys(found)).toMatch(why);
  });
});

/** The same archive with one name in Latin-1 instead of UTF-8. */
function latin1Name(archive: Buffer): Buffer {
  const bytes = Buffer.from(archive);
  const name = bytes.toString('utf8', 0, bytes.indexOf(0));
  bytes.fill(0, 0, 100);
  bytes.write(name, 0, 100, 'latin1');
  bytes.fill(0x20, 148, 156);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return bytes;
}
