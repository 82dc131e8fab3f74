import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import { writeTar } from '../test/support/images.ts';
import { headerOf, type SampleHeader } from './catalogers/rpm/samples.ts';
import { sqliteOf } from './catalogers/rpm/samples-sqlite.ts';
import { at, digestOf, dpkg, file, inventoryOf, type Layer, type Sample, whiteout } from './samples.ts';

const inventory = (...layers: readonly Layer[]): Promise<Inventory> =>
  inventoryOf(layers.map((layer) => writeTar(layer)));
const status = (...parts: readonly string[]): Layer => [file('var/lib/dpkg/status', parts.join('\n'))];
const rpms = (...packages: readonly SampleHeader[]): Layer => [
  { path: 'var/lib/rpm/rpmdb.sqlite', content: sqliteOf(packages.map(headerOf)) } satisfies Sample,
];
const kernel = (version: string): SampleHeader => ({ name: 'kernel', version, release: '1' });
const nothing: Layer = [file('x')];

/** `name version: brought changed`, layers by number. */
async function attributed(...layers: readonly Layer[]): Promise<string[]> {
  const { packages } = await inventory(...layers);
  const number = (digest: unknown): string =>
    String(layers.findIndex((_, index) => digestOf(index) === digest));
  return packages.map(
    ({ name, version, layer, changedIn }) =>
      `${name} ${version}: ${number(layer)}${changedIn === undefined ? '' : ` ${number(changedIn)}`}`,
  );
}

describe('the layers that brought and changed a package', () => {
  it.each<readonly [string, readonly Layer[], readonly string[]]>([
    ['one layer', [status(dpkg('a'))], ['a 1: 0']],
    [
      'lists written again as they were',
      [status(dpkg('a')), status(dpkg('a')), status(dpkg('a'))],
      ['a 1: 0'],
    ],
    ['an upgrade', [status(dpkg('a')), status(dpkg('a', '2'))], ['a 2: 0 1']],
    [
      'an upgrade, and lists after it',
      [status(dpkg('a')), nothing, status(dpkg('a', '2')), status(dpkg('a', '2'), dpkg('b'))],
      ['a 2: 0 2', 'b 1: 3'],
    ],
    [
      'two upgrades: the last one counts',
      [status(dpkg('a')), status(dpkg('a', '2')), status(dpkg('a', '3'))],
      ['a 3: 0 2'],
    ],
    ['there and back', [status(dpkg('a')), status(dpkg('a', '2')), status(dpkg('a'))], ['a 1: 0 2']],
    ['taken out and installed again', [status(dpkg('a')), status(dpkg('b')), status(dpkg('a'))], ['a 1: 2']],
    [
      'taken out with its list',
      [status(dpkg('a')), [whiteout('var/lib/dpkg')], status(dpkg('a'))],
      ['a 1: 2'],
    ],
    [
      'another architecture is another package',
      [status(dpkg('a')), status(dpkg('a'), dpkg('a', '2').replace('amd64', 'i386'))],
      ['a 1: 0', 'a 2: 1'],
    ],
    [
      'a kernel beside the one before',
      [rpms(kernel('1')), rpms(kernel('1'), kernel('2'))],
      ['kernel 1-1: 0', 'kernel 2-1: 1'],
    ],
    [
      'a kernel in place of the oldest',
      [rpms(kernel('1'), kernel('2')), rpms(kernel('2'), kernel('3'))],
      ['kernel 2-1: 0', 'kernel 3-1: 0 1'],
    ],
    [
      'more of one name than are told apart',
      [rpms(kernel('1')), rpms(...Array.from({ length: 52 }, (_, at) => kernel(String(100 + at))))],
      Array.from({ length: 52 }, (_, at) => `kernel ${100 + at}-1: ${at < 50 ? '0 1' : '1'}`),
    ],
    [
      'a package of a language at its place',
      [[at('app/node_modules/a', 'a', '1.0.0')], [at('app/node_modules/a', 'a', '1.1.0')]],
      ['a 1.1.0: 0 1'],
    ],
    [
      'one that was removed by a whiteout in between',
      [[at('app/node_modules/a', 'a')], [whiteout('app')], [at('app/node_modules/a', 'a')]],
      ['a 1.0.0: 2'],
    ],
  ])('%s', async (_, layers, expected) => {
    expect(await attributed(...layers)).toEqual(expected);
  });
});
