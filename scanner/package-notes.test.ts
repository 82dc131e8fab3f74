import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import { debianRoot, writeTar } from '../test/support/images.ts';
import { goProgram } from './catalogers/golang/samples.ts';
import {
  dpkg,
  file,
  folder,
  hard,
  inventoryOf,
  type Layer,
  link,
  names,
  type Sample,
  whiteout,
} from './samples.ts';

const inventory = (...layers: readonly Layer[]): Promise<Inventory> =>
  inventoryOf(layers.map((layer) => writeTar(layer)));
const debian = debianRoot({
  release: '12',
  packages: [
    { name: 'a', version: '1' },
    { name: 'b', version: '1' },
  ],
});
const copyright = (name: string, license: string): Sample =>
  file(`usr/share/doc/${name}/copyright`, `Format: x\n\nFiles: *\nLicense: ${license}\n`);
const large = file('usr/share/doc/a/copyright', 'x'.repeat(2 ** 21));

/** `name: licences` of every package. */
const licenses = ({ packages }: Inventory): string[] =>
  packages.map((one) => `${one.name}: ${one.licenses.join(', ')}`);

describe('licences of Debian packages', () => {
  it.each<readonly [string, readonly Layer[], readonly string[]]>([
    [
      'each its own',
      [[...debian, copyright('a', 'MIT'), copyright('b', 'GPL-2+')]],
      ['a: MIT', 'b: GPL-2.0-or-later'],
    ],
    [
      'by a link to another’s folder',
      [[...debian, copyright('a', 'MIT'), link('usr/share/doc/b', 'a')]],
      ['a: MIT', 'b: MIT'],
    ],
    [
      'by a link to another’s file',
      [
        [
          ...debian,
          copyright('a', 'MIT'),
          folder('usr/share/doc/b'),
          link('usr/share/doc/b/copyright', '../a/copyright'),
        ],
      ],
      ['a: MIT', 'b: MIT'],
    ],
    [
      'by a hard link',
      [[...debian, copyright('a', 'MIT'), hard('usr/share/doc/b/copyright', 'usr/share/doc/a/copyright')]],
      ['a: MIT', 'b: MIT'],
    ],
    ['by a link to nowhere', [[...debian, link('usr/share/doc/b', 'gone')]], ['a: ', 'b: ']],
    ['by a hard link to nothing', [[...debian, hard('usr/share/doc/b/copyright', 'srv/x')]], ['a: ', 'b: ']],
    [
      'as the last layer has them',
      [[...debian, copyright('a', 'MIT')], [copyright('a', 'ISC')]],
      ['a: ISC', 'b: '],
    ],
    [
      'not where it was taken out',
      [[...debian, copyright('a', 'MIT')], [whiteout('usr/share/doc')]],
      ['a: ', 'b: '],
    ],
    ['not where it is too large', [[...debian, copyright('a', 'MIT')], [large]], ['a: ', 'b: ']],
    [
      'not where it is a pipe',
      [[...debian, { path: 'usr/share/doc/a/copyright', type: 'fifo' }]],
      ['a: ', 'b: '],
    ],
    ['not where it is a folder', [[...debian, folder('usr/share/doc/a/copyright')]], ['a: ', 'b: ']],
  ])('%s', async (_, layers, expected) => {
    const found = await inventory(...layers);
    expect(licenses(found)).toEqual(expected);
    expect(found.incomplete).toEqual([]);
  });

  it('does not hide a program by that name', async () => {
    const program = {
      path: 'usr/share/doc/a/copyright',
      content: goProgram('go1.22.3', 'example.org/tool@v1.0.0'),
    };
    expect(names(await inventory(debian, [program]))).toContain('example.org/tool v1.0.0');
  });

  it('looks for no package with a name that climbs', async () => {
    const found = await inventory([file('var/lib/dpkg/status', dpkg('../doc/a')), copyright('a', 'MIT')]);
    expect(licenses(found)).toEqual(['../doc/a: MIT']);
  });
});

describe('opkg packages', () => {
  it('have source and licence from their own files', async () => {
    const found = await inventory([
      file(
        'usr/lib/opkg/status',
        'Package: libcurl4\nVersion: 8.5.0-1\nStatus: install ok installed\nArchitecture: x86_64\n',
      ),
      file(
        'usr/lib/opkg/info/libcurl4.control',
        'Package: libcurl4\nSource: feeds/packages/net/curl\nLicense: MIT\n',
      ),
      file('usr/lib/opkg/info/libcurl4.list', '/usr/lib/libcurl.so.4\n'),
    ]);
    expect(found.packages).toMatchObject([
      { source: { name: 'curl', version: '8.5.0-1' }, licenses: ['MIT'] },
    ]);
    expect(found.incomplete).toEqual([]);
  });
});
