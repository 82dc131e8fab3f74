import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import { writeTar } from '../test/support/images.ts';
import {
  at,
  file,
  folder,
  hard,
  inventoryOf,
  json,
  type Layer,
  link,
  names,
  opaque,
  type Sample,
  whiteout,
  whys,
} from './samples.ts';

const inventory = (...layers: readonly Layer[]): Promise<Inventory> =>
  inventoryOf(layers.map((layer) => writeTar(layer)));

const composed = 'caf\u00e9';
const decomposed = 'cafe\u0301';
/** Names are bytes: these two are no UTF-8, and differ. */
const latin = 'caf\xe9';
const broken = 'caf\xff';

/** An entry whose path is these bytes. */
function raw(entry: Sample, path: string): Sample {
  return {
    ...entry,
    path: 'x'.repeat(path.length),
    patchHeader: (header) => {
      header.fill(0, 0, 100);
      header.write(path, 0, 'latin1');
    },
  };
}
const rawPackage = (name: string, called: string): Sample =>
  raw(file('', json(called, '1.0.0')), `app/node_modules/${name}/package.json`);

describe('names that differ', () => {
  it.each<readonly [string, string, string]>([
    ['by case', 'Foo', 'foo'],
    ['by how an accent is written', composed, decomposed],
    ['by a case that only some languages have', '\u0130', 'i\u0307'],
    ['by what looks alike', '\u0430bc', 'abc'],
    ['by a space', 'a', 'a '],
  ])('%s are two', async (_, one, other) => {
    const both = [at(`app/node_modules/${one}`, 'one'), at(`app/node_modules/${other}`, 'other')];
    const place = (name: string): string => `app/node_modules/${name}`;
    const left = async (...upper: Layer): Promise<string[]> => names(await inventory(both, upper));
    expect(await left()).toEqual(['one 1.0.0', 'other 1.0.0']);
    expect(await left(whiteout(place(one)))).toEqual(['other 1.0.0']);
    expect(await left(whiteout(place(other)))).toEqual(['one 1.0.0']);
    expect(await left(opaque(place(one)))).toEqual(['other 1.0.0']);
    expect(await left(at(place(one), 'one', '2.0.0'))).toEqual(['one 2.0.0', 'other 1.0.0']);
    expect(await left(link(place(one), 'nowhere'))).toEqual(['other 1.0.0']);
  });

  it.each<readonly [string, string, string]>([
    ['by case', 'Foo', 'foo'],
    ['by how an accent is written', composed, decomposed],
  ])('%s are two as targets of links', async (_, one, other) => {
    const both = [at(`srv/${one}`, 'one'), at(`srv/${other}`, 'other')];
    const linked = await inventory(both, [link('app/node_modules/x', `../../srv/${one}`)]);
    expect(names(linked)).toEqual(['one 1.0.0']);
    const hardLinked = await inventory(both, [
      hard('app/node_modules/x/package.json', `srv/${other}/package.json`),
    ]);
    expect(names(hardLinked)).toEqual(['other 1.0.0']);
    const within = await inventory(
      [
        ...both,
        link('l', `srv/${one}`),
        folder('app/node_modules'),
        file('l/node_modules/y/package.json', json('below', '1.0.0')),
      ],
      [whiteout(`srv/${other}`)],
    );
    expect(names(within)).toEqual(['below 1.0.0']);
    expect(
      names(
        await inventory(both, [whiteout(`srv/${one}`)], [link('app/node_modules/x', `../../srv/${one}`)]),
      ),
    ).toEqual([]);
  });

  it('by bytes that are no UTF-8 are two, and each has its own whiteout', async () => {
    const both = [rawPackage(latin, 'one'), rawPackage(broken, 'other')];
    expect(names(await inventory(both))).toEqual(['one 1.0.0', 'other 1.0.0']);
    const without = async (name: string): Promise<string[]> =>
      names(await inventory(both, [raw(file(''), `app/node_modules/.wh.${name}`)]));
    expect(await without(latin)).toEqual(['other 1.0.0']);
    expect(await without(broken)).toEqual(['one 1.0.0']);
    const opaqueFolder = [raw(file(''), `app/node_modules/${latin}/.wh..wh..opq`)];
    expect(names(await inventory(both, opaqueFolder))).toEqual(['other 1.0.0']);
  });

  it('a replacement sign is no byte that is no UTF-8', async () => {
    const found = await inventory(
      [rawPackage(latin, 'one'), at('app/node_modules/caf\ufffd', 'other')],
      [whiteout('app/node_modules/caf\ufffd')],
    );
    expect(names(found)).toEqual(['one 1.0.0']);
  });

  it('a database is one by its exact name alone', async () => {
    const status = 'Package: a\nStatus: install ok installed\nVersion: 1\n';
    const found = await inventory([file('var/lib/dpkg/Status', status), file('VAR/lib/dpkg/status', status)]);
    expect([names(found), whys(found)]).toEqual([[], '']);
  });
});
