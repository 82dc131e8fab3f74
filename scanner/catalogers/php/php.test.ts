import { describe, expect, it } from '@jest/globals';
import { writeTar } from '../../../test/support/tar.ts';
import { file, inventoryOf } from '../../samples.ts';
import { php } from './index.ts';

const path = 'app/vendor/composer/installed.json';
const told = (value: unknown): string[] => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const { packages, incomplete } = php.parse(path, Buffer.from(text));
  return [
    ...packages.map(({ name, version, licenses }) => [name, version, ...licenses].join(' ')),
    ...incomplete.map(({ why }) => why),
  ];
};

describe('php match', () => {
  it.each([
    ['app/vendor/composer/installed.json', true],
    ['srv/libraries/composer/installed.json', true],
    ['composer/installed.json', true],
    ['app/vendor/composer/installed.php', false],
    ['app/composer.lock', false],
    ['app/installed.json', false],
    ['app/mycomposer/installed.json', false],
  ])('%s: %s', (one, expected) => expect(php.match(one) !== null).toBe(expected));
});

describe('what Composer has installed', () => {
  const symfony = { name: 'symfony/console', version: 'v6.4.1', license: ['MIT'] };
  it.each<readonly [string, unknown, readonly string[]]>([
    ['by version 1', [symfony], ['symfony/console 6.4.1 MIT']],
    ['by version 2', { packages: [symfony], dev: true }, ['symfony/console 6.4.1 MIT']],
    [
      'for development',
      { packages: [symfony, { name: 'a/b', version: '2.0' }], 'dev-package-names': ['a/b'] },
      ['symfony/console 6.4.1 MIT', 'a/b 2.0'],
    ],
    ['from a branch', [{ name: 'a/b', version: 'dev-main' }], ['a/b dev-main']],
    ['in no version', [{ name: 'a/b' }], ['a/b unknown']],
    ['in a version that is none', [{ name: 'a/b', version: '1 2' }], ['a/b unknown']],
    ['under a license of the old form', [{ name: 'a/b', version: '1', license: 'MIT' }], ['a/b 1 MIT']],
    ['which is nothing', { packages: [] }, []],
    [
      'without names',
      [{ version: '1' }, 'x', null, { name: 'a b' }, { name: 'a/' }],
      ['5 of its packages have no name that Composer would take'],
    ],
    ['in no list', { packages: {} }, ['it holds no list of packages']],
    ['in no list at all', 'null', ['it holds no list of packages']],
    ['in no JSON', '{', ['it is not JSON']],
    ['in millions of lists', `[${'[],'.repeat(2_000_001)}0]`, ['it has more than 2000000 values']],
  ])('%s', (_, value, expected) => expect(told(value)).toEqual(expected));

  it('is found in an image', async () => {
    const found = await inventoryOf([writeTar([file(path, JSON.stringify([symfony]))])]);
    expect(found.packages).toMatchObject([{ type: 'composer', purl: 'pkg:composer/symfony/console@6.4.1' }]);
  });
});
