import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import { writeTar } from '../test/support/images.ts';
import {
  apk,
  at,
  digestOf,
  dpkg,
  file,
  hard,
  inventoryOf,
  json,
  type Layer,
  link,
  names,
  npm,
  whys,
} from './samples.ts';

const inventory = (...layers: readonly Layer[]): Promise<Inventory> =>
  inventoryOf(layers.map((layer) => writeTar(layer)));

describe('links within a layer', () => {
  it.each<readonly [string, Layer, readonly string[]]>([
    [
      'a database written through a link',
      [link('x', 'var/lib'), file('x/dpkg/status', dpkg('hidden'))],
      ['hidden 1'],
    ],
    ['an absolute link', [link('x', '/var/lib'), file('x/dpkg/status', dpkg('hidden'))], ['hidden 1']],
    [
      'a link that climbs out',
      [link('a/x', '../../../var/lib'), file('a/x/dpkg/status', dpkg('hidden'))],
      ['hidden 1'],
    ],
    [
      'a link to a link',
      [link('y', 'x'), link('x', 'var'), file('y/lib/dpkg/status', dpkg('hidden'))],
      ['hidden 1'],
    ],
    [
      'a link to itself as a folder',
      [link('var/x', '.'), file('var/x/lib/dpkg/status', dpkg('hidden'))],
      ['hidden 1'],
    ],
    [
      'a hard link to a link, which is one',
      [link('x', 'var/lib'), hard('y', 'x'), file('y/dpkg/status', dpkg('hidden'))],
      ['hidden 1'],
    ],
    [
      'a link that another has replaced',
      [link('x', 'srv'), link('x', 'var/lib'), file('x/dpkg/status', dpkg('hidden'))],
      ['hidden 1'],
    ],
    ['a link in place of a folder removes what was there', [npm('a'), link('app', 'srv')], []],
    ['a link that comes later moves nothing', [file('x/dpkg/status', dpkg('other')), link('y', 'x')], []],
  ])('%s', async (_, layer, expected) => {
    expect(names(await inventory(layer))).toEqual(expected);
  });

  it('that are a circle cannot be unpacked', async () => {
    await expect(
      inventory([link('a', 'b'), link('b', 'a'), npm('x'), at('a/node_modules/y', 'y')]),
    ).rejects.toMatchObject({
      code: 'layer-unreadable',
      message: expect.stringContaining('circle'),
    });
  });

  it('that are a circle harm nobody who does not go there', async () => {
    expect(names(await inventory([link('a', 'a'), npm('x')]))).toEqual(['x 1.0.0']);
  });
});

describe('links of lower layers', () => {
  it('a folder of an upper layer replaces the link, and that runtimes differ is said', async () => {
    const found = await inventory(
      [npm('a'), link('alias', 'app')],
      [at('alias/node_modules/a', 'a', '2.0.0')],
    );
    expect(names(found)).toEqual(['a 1.0.0', 'a 2.0.0']);
    expect(whys(found)).toMatch(
      /alias\/node_modules\/a\/package.json: it was written below alias, a symbolic link/,
    );
  });

  it('usrmerge: what is read through lib is in usr/lib', async () => {
    const found = await inventory(
      [
        link('lib', 'usr/lib'),
        file('usr/lib/apk/db/installed', apk('musl')),
        file('usr/lib/os-release', 'ID=alpine\nVERSION_ID=3.23'),
      ],
      [file('usr/lib/apk/db/installed', apk('musl') + apk('busybox'))],
    );
    expect(names(found)).toEqual(['busybox 1-r0', 'musl 1-r0']);
    expect(found).toMatchObject({ os: { id: 'alpine' }, incomplete: [] });
    expect(found.packages.map(({ layer }) => layer)).toEqual([digestOf(1), digestOf(0)]);
  });
});

describe('links from places of note', () => {
  it.each<readonly [string, Layer, readonly string[]]>([
    [
      'a package folder (workspaces)',
      [link('app/node_modules/a', '../../packages/a'), at('packages/a', 'a')],
      ['a 1.0.0'],
    ],
    [
      'a scoped package folder',
      [link('app/node_modules/@s/a', '/packages/a'), at('packages/a', '@s/a')],
      ['@s/a 1.0.0'],
    ],
    ['a scope', [link('app/node_modules/@s', '/packages'), at('packages/a', '@s/a')], ['@s/a 1.0.0']],
    [
      'node_modules itself, and from there on',
      [
        ...[link('app/node_modules', '/deps'), link('deps/a', '/data/one'), link('deps/@s', '/data/two')],
        ...[link('data/two/b', '/three'), link('app/node_modules2', '/others')],
        ...[at('data/one', 'a'), at('three', '@s/b'), at('others/five', 'no')],
      ],
      ['@s/b 1.0.0', 'a 1.0.0'],
    ],
    [
      'node_modules itself, whatever else leads there',
      [
        link('app/node_modules/x/y/z', '/deps'),
        link('srv/node_modules', '/deps'),
        ...[link('deps/a', '/data/one'), at('data/one', 'a')],
      ],
      ['a 1.0.0'],
    ],
    [
      'node_modules itself',
      [link('app/node_modules', '/deps'), at('deps/a', 'a'), at('deps/@s/b', '@s/b')],
      ['@s/b 1.0.0', 'a 1.0.0'],
    ],
    [
      'a package.json',
      [link('app/node_modules/a/package.json', '/x/package.json'), at('x', 'a')],
      ['a 1.0.0'],
    ],
    [
      'pnpm, once',
      [
        link('app/node_modules/a', '.pnpm/a@1/node_modules/a'),
        at('app/node_modules/.pnpm/a@1/node_modules/a', 'a'),
      ],
      ['a 1.0.0'],
    ],
    [
      'a project without a version',
      [link('app/node_modules/a', '/a'), file('a/package.json', '{"name":"a"}')],
      [],
    ],
    ['no link: no package', [at('packages/a', 'a')], []],
    [
      'a dpkg status',
      [link('var/lib/dpkg/status', '/opt/status'), file('opt/status', dpkg('moved'))],
      ['moved 1'],
    ],
    [
      'an apk database',
      [link('lib/apk', '/opt/apk'), file('opt/apk/db/installed', apk('moved'))],
      ['moved 1-r0'],
    ],
    [
      'hard links to a pnpm store',
      [
        file('root/store/v3/files/00/0123456789abcdef01', json('a', '1.0.0')),
        hard('srv/node_modules/a/package.json', 'root/store/v3/files/00/0123456789abcdef01'),
      ],
      ['a 1.0.0'],
    ],
  ])('count: %s', async (_, layer, expected) => {
    const found = await inventory(layer);
    expect(names(found)).toEqual(expected);
    expect(found.incomplete).toEqual([]);
  });

  it('count, and cast doubt on what else may be there: a dpkg folder', async () => {
    const found = await inventory([
      link('var/lib/dpkg', '../../opt/dpkg'),
      file('opt/dpkg/status', dpkg('moved')),
    ]);
    expect(names(found)).toEqual(['moved 1']);
    expect(whys(found)).toMatch(/var\/lib\/dpkg\/status.d: a symbolic link leads to "opt\/dpkg\/status.d"/);
  });

  it.each<readonly [string, Layer, RegExp]>([
    [
      'a status elsewhere under another name',
      [link('var/lib/dpkg/status', '/opt/db'), file('opt/db', dpkg('a'))],
      /leads to "opt\/db", which was not read/,
    ],
    [
      'a status that is a circle',
      [link('var/lib/dpkg/status', 'status')],
      /var\/lib\/dpkg\/status: a symbolic link/,
    ],
    [
      'a dpkg folder that is a circle',
      [link('var/lib/dpkg', 'dpkg')],
      /var\/lib\/dpkg\/status: a symbolic link/,
    ],
    ['an apk database elsewhere', [link('lib/apk/db/installed', '/opt/db')], /leads to "opt\/db"/],
    ['an os-release elsewhere', [link('etc/os-release', '/opt/x')], /leads to "opt\/x"/],
    [
      'a package.json under another name',
      [link('app/node_modules/a/package.json', '/x.json'), file('x.json', json('a', '1'))],
      /leads to "x.json"/,
    ],
    [
      'status.d elsewhere',
      [link('var/lib/dpkg/status.d', '/opt/d'), file('opt/d/base', dpkg('base'))],
      /leads to "opt\/d"/,
    ],
    [
      "RubyGems' folder elsewhere",
      [link('usr/lib/ruby/gems/3.1.0/specifications', '/opt/s'), file('opt/s/a-1.gemspec', 'x')],
      /specifications: a symbolic link leads to "opt\/s", where nothing was looked for/,
    ],
    ["Composer's folder elsewhere", [link('app/vendor/composer', '/opt/c')], /leads to "opt\/c"/],
    ["conda's folder elsewhere", [link('opt/conda/conda-meta', '/opt/c')], /leads to "opt\/c"/],
    ['an rpm folder elsewhere', [link('var/lib/rpm', '/opt/rpm')], /leads to "opt\/rpm"/],
  ])('are told when nothing was read there: %s', async (_, layer, why) => {
    const found = await inventory(layer);
    expect(found.packages).toEqual([]);
    expect(whys(found)).toMatch(why);
  });

  it('are told when they lead over so many others that following all would take hours', async () => {
    const chain = Array.from({ length: 38 }, (_, n) => link(`c${n}`, `${'x/../'.repeat(15)}c${n + 1}`));
    const start = performance.now();
    const many = Array.from({ length: 60_000 }, (_, n) => link(`node_modules/${n}`, '/c0'));
    const found = await inventory([...chain, ...many]);
    expect(whys(found)).toBe('symbolic links: they lead over too many others to be followed');
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
