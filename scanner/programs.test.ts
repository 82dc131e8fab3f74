import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import { writeTar } from '../test/support/images.ts';
import { elf, goProgram, heads, list, program, record } from './catalogers/golang/samples.ts';
import { analyseLayer } from './layer.ts';
import { defaultLayerLimits } from './limits.ts';
import {
  digestOf,
  dpkg,
  file,
  folder,
  hard,
  inventoryOf,
  type Layer,
  link,
  names,
  npm,
  once,
  opaque,
  type Sample,
  whiteout,
  whys,
} from './samples.ts';

const bytes = (path: string, content: Uint8Array): Sample => ({ path, content });
const go = (path: string, version = 'v1.0.0'): Sample =>
  bytes(path, goProgram('go1.22.3', `example.org/tool@${version}`));
const other = (path: string): Sample => bytes(path, elf(Buffer.from('no Go here')));
const script = (path: string): Sample => file(path, '#!/bin/sh\nexec tool-real\n');

const inventory = (...layers: readonly Layer[]): Promise<Inventory> =>
  inventoryOf(layers.map((layer) => writeTar(layer)));
const tool = (version = 'v1.0.0'): string[] => [`example.org/tool ${version}`, 'stdlib 1.22.3'];

describe('Go programs in layers', () => {
  it('are found wherever they lie, with their layer and path', async () => {
    const found = await inventory([npm('a')], [go('opt/any/name')]);
    expect(names(found)).toEqual([...tool(), 'a 1.0.0']);
    expect(found.packages[0]).toMatchObject({
      type: 'golang',
      purl: 'pkg:golang/example.org/tool@v1.0.0',
      layer: digestOf(1),
      paths: ['opt/any/name'],
    });
    expect(found.incomplete).toEqual([]);
  });

  it.each<readonly [string, readonly Layer[], readonly string[]]>([
    ['another version', [[go('bin/tool')], [go('bin/tool', 'v1.0.1')]], tool('v1.0.1')],
    ['a later one of the same layer', [[go('bin/tool'), go('bin/tool', 'v1.0.1')]], tool('v1.0.1')],
    ['a program that is none of Go', [[go('bin/tool')], [other('bin/tool')]], []],
    ['such a program in the same layer', [[go('bin/tool'), other('bin/tool')]], []],
    ['a script', [[go('bin/tool')], [script('bin/tool')]], []],
    ['a symbolic link', [[go('bin/tool')], [link('bin/tool', 'other')]], []],
    [
      'a hard link to a plain file of the lower layer',
      [[go('bin/tool'), file('x', 'y')], [hard('bin/tool', 'x')]],
      [],
    ],
    ['a deletion', [[go('bin/tool')], [whiteout('bin/tool')]], []],
    ['a deletion of the folder', [[go('opt/bin/tool')], [whiteout('opt/bin')]], []],
    ['an opaque folder', [[go('opt/bin/tool')], [opaque('opt/bin')]], []],
    [
      'one after its deletion',
      [[go('bin/tool')], [whiteout('bin/tool')], [go('bin/tool', 'v2.0.0')]],
      tool('v2.0.0'),
    ],
    ['none elsewhere', [[go('bin/tool')], [other('bin/other'), folder('bin')]], tool()],
  ])('are replaced by %s', async (_, layers, expected) => {
    const found = await inventory(...layers);
    expect(names(found)).toEqual(expected);
    expect(found.incomplete).toEqual([]);
  });

  it.each<readonly [string, readonly Layer[], readonly string[]]>([
    ['of the same layer', [[go('a'), hard('b', 'a')], [whiteout('a')]], ['b']],
    ['of a lower layer', [[go('a')], [hard('b', 'a'), whiteout('a')]], ['b']],
    ['to a hard link', [[go('a'), hard('b', 'a')], [hard('c', 'b')], [whiteout('a')]], ['b', 'c']],
    ['in place of another', [[go('a'), other('b')], [hard('b', 'a')]], ['a', 'b']],
    [
      'at a name that may be of note',
      [[go('a')], [hard('opt/package.json', 'a'), whiteout('a')]],
      ['opt/package.json'],
    ],
    [
      'to a file that was plain before',
      [[file('a', 'x'), go('a'), hard('b', 'a'), whiteout('c')]],
      ['a', 'b'],
    ],
    ['to a file that was a program before', [[go('a'), file('a', 'x'), hard('b', 'a')]], ['a']],
  ])('are there through hard links, %s', async (_, layers, paths) => {
    const found = await inventory(...layers);
    const of = found.packages.filter(({ name }) => name === 'example.org/tool');
    expect(of.flatMap((one) => one.paths)).toEqual(paths);
  });

  it.each<readonly [string, readonly Layer[]]>([
    ['a name that a link may lead to', [[go('opt/package.json')]]],
    ['a name in a pnpm store', [[go('root/store/v3/files/0f/0123456789abcdef0123')]]],
    ['a list of files', [[file('var/lib/dpkg/status', dpkg('a')), go('var/lib/dpkg/info/a.list')]]],
    ['a name that a link leads to', [[link('bin/tool', '../opt/tool'), go('opt/tool')]]],
    ['a folder behind a link', [[link('bin', 'usr/bin'), go('bin/tool')]]],
  ])('are found under %s', async (_, layers) => {
    expect(names(await inventory(...layers)).filter((name) => !name.startsWith('a '))).toEqual(tool());
  });

  it('too large to be a candidate are found, and what was told of the name stays for links to it', async () => {
    const large = program(heads.elf, Buffer.alloc(17 * 1024 ** 2));
    const found = await inventory([link('var/lib/dpkg', '/opt/dpkg'), bytes('opt/dpkg/status', large)]);
    expect(whys(found)).toMatch(/more than the 16777216 that are read/);
    const inside = program(
      heads.elf,
      Buffer.alloc(17 * 1024 ** 2),
      record('go1.22.3', list('example.org/tool@v1.0.0')),
    );
    expect(names(await inventory([bytes('opt/package.json', inside)]))).toEqual(tool());
  });

  it('are found in a place of note, whatever it is besides', async () => {
    const found = await inventory([go('app/node_modules/a/package.json')]);
    expect(names(found)).toEqual(tool());
    expect(whys(found)).toMatch(/it is not JSON/);
  });

  it('that are cut anywhere are found all the same', async () => {
    const tar = writeTar([file('a', '#'), go('bin/tool'), other('bin/other'), file('b', 'x'.repeat(600))]);
    const expected = await analyseLayer(once(tar), { limits: defaultLayerLimits });
    for (let at = 0; at < tar.length; at += 1) {
      async function* parts(): AsyncGenerator<Uint8Array> {
        yield* once(tar.subarray(0, at));
        yield* once(tar.subarray(at));
      }
      expect(await analyseLayer(parts(), { limits: defaultLayerLimits })).toEqual(expected);
    }
    expect(expected.events.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'file bin/tool',
      'program bin/other',
    ]);
  });
});

describe('sparse files', () => {
  const sparse = (path: string, content: string | Uint8Array, map: string): readonly Sample[] => [
    {
      path: 'PaxHeader',
      content: records(['GNU.sparse.major', '1'], ['GNU.sparse.minor', '0'], ['GNU.sparse.name', path]),
      type: 'file',
      patchHeader: (header) => header.write('x', 156, 1, 'latin1'),
    },
    {
      path: 'GNUSparseFile.0/x',
      content: Buffer.concat([
        Buffer.from(map.padEnd(512 * Math.ceil(map.length / 512), '\0')),
        Buffer.from(content),
      ]),
    },
  ];
  const records = (...pairs: readonly (readonly [string, string])[]): string =>
    pairs
      .map(([key, value]) => {
        const rest = ` ${key}=${value}\n`;
        const length = rest.length + 2;
        return `${length}${rest}`;
      })
      .join('');

  it.each<readonly [string, Layer, RegExp]>([
    [
      'a program',
      sparse('tool', goProgram('go1.22.3', 'a.org/a@v1'), '1\n0\n999\n'),
      /tool: .*sparse file, which is not read/,
    ],
    ...[
      ['a longer map', `200\n${'0\n1\n'.repeat(200)}`],
      ['a map that fills its blocks', `125\n${'0\n1\n'.repeat(125)}${'0'.repeat(7)}`],
      ['zeros before the first number', `${'0'.repeat(600)}1\n0\n999\n`],
      ['numbers with signs', '+1\n-0\n+999\n'],
      ['something behind the map', '1\n0\n999\nand more'],
      ['digits behind the map', `1\n0\n999\n${'7'.repeat(502)}`],
      ['a map without end', '0\n'.repeat(600_000).replace('0', '500000')],
    ].map(([what = '', map = '']): [string, Layer, RegExp] => [
      what,
      sparse('tool', goProgram('go1.22.3', 'a.org/a@v1'), map),
      /sparse file, which is not read/,
    ]),
    ['a short program', sparse('tool', 'MZ', '1\n0\n2\n'), /sparse file, which is not read/],
  ])('are told: %s', async (_, layer, why) => {
    const found = await inventory(layer);
    expect(found.packages).toEqual([]);
    expect(whys(found)).toMatch(why);
  });

  it.each<readonly [string, Layer]>([
    ['data', sparse('disk.img', 'data', '1\n0\n4\n')],
    ['a script', sparse('run', '#!/bin/sh', '1\n0\n9\n')],
    ['nothing', sparse('empty', '', '0\n')],
    ['numbers', sparse('numbers', '5\n6\n', '1\n0\n4\n')],
  ])('are of no note: %s', async (_, layer) => {
    expect((await inventory(layer)).incomplete).toEqual([]);
  });
});

describe('programs that hold nothing', () => {
  it('are told up to a bound, and a layer with many is read all the same', async () => {
    const many = Array.from({ length: 60 }, (_, index) => script(`bin/${index}`));
    const limits = { ...defaultLayerLimits, events: 40 };
    const analysis = await analyseLayer(once(writeTar([...many, link('a', 'b')])), { limits });
    expect(analysis.events).toHaveLength(21);
  });

  it('hard links to plain files are not told, others are', async () => {
    const tar = writeTar([
      file('a', 'x'),
      other('b'),
      hard('c', 'a'),
      hard('d', 'b'),
      hard('e', 'below'),
      hard('f', 'c'),
    ]);
    const { events } = await analyseLayer(once(tar), { limits: defaultLayerLimits });
    expect(events.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'program b',
      'program-link d',
      'program-link e',
    ]);
  });
});
