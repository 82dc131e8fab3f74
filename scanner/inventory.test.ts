import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import {
  alpineRoot,
  debianRoot,
  npmPackages,
  sha256,
  type TarEntry,
  writeTar,
} from '../test/support/images.ts';
import { buildInventory } from './inventory.ts';
import { analyseLayer } from './layer.ts';
import { defaultLayerLimits } from './limits.ts';

type Layer = readonly TarEntry[];

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield bytes;
}

const digestOf = (index: number): ReturnType<typeof sha256> => sha256(`layer ${index}`);

async function inventory(...layers: readonly Layer[]): Promise<Inventory> {
  const analysed = [];
  for (const [index, entries] of layers.entries()) {
    const analysis = await analyseLayer(once(writeTar(entries)), { limits: defaultLayerLimits });
    // Through JSON, as analyses are stored.
    const stored = JSON.parse(JSON.stringify(analysis)) as typeof analysis;
    analysed.push({ digest: digestOf(index), analysis: stored });
  }
  return buildInventory({ layers: analysed, config: null, unfit: [] });
}

/** `name version` of every package. */
const names = ({ packages }: Inventory): string[] =>
  packages.map(({ name, version }) => `${name} ${version}`);
const whys = ({ incomplete }: Inventory): string =>
  incomplete.map(({ what, why }) => `${what}: ${why}`).join('; ');

const file = (path: string, content = ''): TarEntry => ({ path, content });
const link = (path: string, to: string): TarEntry => ({ path, link: to });
const hard = (path: string, to: string): TarEntry => ({ path, link: to, type: 'hardlink' });
const folder = (path: string): TarEntry => ({ path: `${path}/` });
const whiteout = (path: string): TarEntry => file(path.replace(/[^/]*$/, '.wh.$&'));
const opaque = (path: string): TarEntry => file(`${path}/.wh..wh..opq`);
const json = (name: string, version: string): string => JSON.stringify({ name, version });
/** A package.json in any folder. */
const at = (path: string, name: string, version = '1.0.0'): TarEntry =>
  file(`${path}/package.json`, json(name, version));
const npm = (name: string, version = '1.0.0'): TarEntry => at(`app/node_modules/${name}`, name, version);
const dpkg = (name: string, version = '1'): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: amd64\n`;
const debian = (...packages: readonly string[]): Layer =>
  debianRoot({ release: '12', packages: packages.map((name) => ({ name, version: '1' })) });
const apkText = (name: string, version = '1-r0'): string => `P:${name}\nV:${version}\nA:x86_64\n\n`;

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
    [
      'that are opaque at the root hide everything',
      [[npm('a')], [file('.wh..wh..opq'), npm('b')]],
      ['b 1.0.0'],
    ],
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
      [[npm('wheel')], [file('usr/lib/python3/wheel-0.37.0.dist-info/METADATA')]],
      ['wheel 1.0.0'],
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
      'a link that a folder has replaced',
      [link('x', 'var/lib'), folder('x'), file('x/dpkg/status', dpkg('other'))],
      [],
    ],
    [
      'a link that a file, then a folder, has replaced',
      [link('x', 'var/lib'), file('x'), folder('x'), file('x/dpkg/status', dpkg('other'))],
      [],
    ],
    [
      'a link below a folder that a file has replaced',
      [link('d/x', '/var/lib'), file('d'), folder('d'), file('d/x/dpkg/status', dpkg('other'))],
      [],
    ],
    [
      'a link that a global header has removed',
      [
        link('x', 'var/lib'),
        { path: 'x', patchHeader: (header) => header.write('g', 156) },
        file('x/dpkg/status', dpkg('other')),
      ],
      [],
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
        file('usr/lib/apk/db/installed', apkText('musl')),
        file('usr/lib/os-release', 'ID=alpine\nVERSION_ID=3.23'),
      ],
      [file('usr/lib/apk/db/installed', apkText('musl') + apkText('busybox'))],
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
      [link('lib/apk', '/opt/apk'), file('opt/apk/db/installed', apkText('moved'))],
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
    ['an rpm folder elsewhere', [link('var/lib/rpm', '/opt/rpm')], /leads to "opt\/rpm"/],
  ])('are told when nothing was read there: %s', async (_, layer, why) => {
    const found = await inventory(layer);
    expect(found.packages).toEqual([]);
    expect(whys(found)).toMatch(why);
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

describe('what cannot be read is told', () => {
  const big = `{"name":"big","version":"1","x":"${'x'.repeat(2 ** 21)}"}`;
  it.each<readonly [string, readonly Layer[], RegExp]>([
    [
      'a package.json of two megabytes',
      [[file('app/node_modules/big/package.json', big)]],
      /big\/package.json: it has \d+ bytes, more than the 1048576/,
    ],
    [
      'a device as the database',
      [[{ path: 'var/lib/dpkg/status', type: 'character-device' }]],
      /status: it is no regular file/,
    ],
    [
      'a pipe as the database',
      [[{ path: 'lib/apk/db/installed', type: 'fifo' }]],
      /installed: it is no regular file/,
    ],
    ['a folder as the database', [[folder('var/lib/dpkg/status')]], /status: it is no regular file/],
    [
      'an unknown kind of entry as the database',
      [[{ path: 'var/lib/dpkg/status', patchHeader: (header) => header.write('Z', 156) }]],
      /no regular file/,
    ],
    [
      'a sparse database',
      [
        [
          {
            path: 'x',
            content: '22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n',
            patchHeader: (header) => header.write('x', 156),
          },
          file('var/lib/dpkg/status', dpkg('a')),
        ],
      ],
      /sparse file/,
    ],
    ['an rpm database', [[file('var/lib/rpm/rpmdb.sqlite', 'SQLite')]], /rpm, which is not read yet/],
    ['a pacman database', [[file('var/lib/pacman/local/bash-5/desc', 'x')]], /pacman, which is not read yet/],
    ['an os-release without an ID', [[file('etc/os-release', 'NAME=x')]], /etc\/os-release: it has no ID/],
    [
      'a database that was replaced by garbage',
      [debian('a'), [file('var/lib/dpkg/status', 'garbage: x\nPackage: x\n')]],
      /no Package or no Version/,
    ],
    [
      'a database that was removed, its traces not',
      [[...debian('a'), file('var/lib/dpkg/info/a.list')], [whiteout('var/lib/dpkg/status')]],
      /info\/a.list: files of deb packages are there, but the package database is not/,
    ],
    [
      'a database that was removed, one trace too',
      [
        [...debian('a'), file('var/lib/dpkg/info/a.list'), file('var/lib/dpkg/info/b.list')],
        [whiteout('var/lib/dpkg/status'), whiteout('var/lib/dpkg/info/a.list')],
      ],
      /info\/b.list: files of deb packages are there/,
    ],
    [
      'an apk database that was removed',
      [
        [
          ...alpineRoot({ release: '3.19.4', packages: [{ name: 'a', version: '1' }] }),
          file('etc/apk/world', 'a'),
        ],
        [whiteout('lib')],
      ],
      /etc\/apk\/world: files of apk packages/,
    ],
    [
      'a Debian that was stripped of dpkg',
      [debian('a'), [whiteout('var/lib/dpkg')]],
      /no database lists a single deb package/,
    ],
    [
      'a Debian whose list was emptied',
      [debian('a'), [file('var/lib/dpkg/status')]],
      /no database lists a single deb package/,
    ],
    [
      'another system that was stripped of its database',
      [[file('etc/os-release', 'ID=rhel\nNAME=RHEL')]],
      /this is RHEL, but it has no package database/,
    ],
  ])('%s', async (_, layers, why) => {
    expect(whys(await inventory(...layers))).toMatch(why);
  });
});

describe('the inventory', () => {
  it('names packages, sources, systems and layers', async () => {
    const found = await inventory(
      debianRoot({
        release: '12',
        packages: [
          { name: 'libssl3', version: '3.0.11-1', source: 'openssl' },
          { name: 'gone', version: '1', status: 'deinstall ok config-files' },
          { name: 'bin', version: '1.2+b1', source: 'src (1.2)' },
        ],
      }),
      npmPackages([{ name: '@s/a', version: '1.2.3' }]),
    );
    expect(found).toMatchObject({
      os: { id: 'debian', versionId: '12', name: 'Debian GNU/Linux 12' },
      content: 'image',
      incomplete: [],
      unfit: [],
    });
    expect(
      found.packages.map(({ purl, source, layer, paths }) => [
        purl,
        `${source.name} ${source.version}`,
        layer,
        ...paths,
      ]),
    ).toEqual([
      [
        'pkg:deb/debian/bin@1.2+b1?arch=amd64&distro=debian-12',
        'src 1.2',
        digestOf(0),
        'var/lib/dpkg/status',
      ],
      [
        'pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12',
        'openssl 3.0.11-1',
        digestOf(0),
        'var/lib/dpkg/status',
      ],
      ['pkg:npm/%40s/a@1.2.3', '@s/a 1.2.3', digestOf(1), 'app/node_modules/@s/a/package.json'],
    ]);
  });

  it('reads distroless', async () => {
    const found = await inventory(
      [file('etc/os-release', 'ID=debian\nVERSION_ID=12')],
      [
        file('var/lib/dpkg/status.d/base', 'Package: base-files\nVersion: 12.4\n'),
        file('var/lib/dpkg/status.d/base.md5sums', 'x'),
      ],
      [file('var/lib/dpkg/status.d/tzdata', 'Package: tzdata\nVersion: 2024a\n')],
    );
    expect(names(found)).toEqual(['base-files 12.4', 'tzdata 2024a']);
    expect(found.incomplete).toEqual([]);
  });

  it('tells the layer from which on a package was there', async () => {
    const status = (...parts: readonly string[]): Layer => [file('var/lib/dpkg/status', parts.join('\n'))];
    const found = await inventory(
      status(dpkg('old'), dpkg('changed')),
      status(dpkg('old'), dpkg('changed', '2')),
      [file('unrelated')],
      status(dpkg('old'), dpkg('changed', '2'), dpkg('new')),
    );
    expect(found.packages.map(({ name, layer }) => [name, layer])).toEqual([
      ['changed', digestOf(1)],
      ['new', digestOf(3)],
      ['old', digestOf(0)],
    ]);
  });

  it('is the same whatever the order of files in an archive', async () => {
    const entries = [npm('b'), npm('a'), ...debian('x', 'y'), npm('c')];
    const [one, other] = [await inventory(entries), await inventory(entries.toReversed())];
    expect(one).toEqual(other);
    expect(names(one)).toEqual(['x 1', 'y 1', 'a 1.0.0', 'b 1.0.0', 'c 1.0.0']);
  });

  it('prefers etc/os-release and follows its link', async () => {
    const own = 'ID=own\nVERSION_ID=1';
    const vendor = 'ID=vendor\nVERSION_ID=2';
    const [both, linked, vendorAlone] = await Promise.all([
      inventory([file('etc/os-release', own), file('usr/lib/os-release', vendor)]),
      inventory([link('etc/os-release', '../usr/lib/os-release'), file('usr/lib/os-release', vendor)]),
      inventory([file('usr/lib/os-release', vendor)]),
    ]);
    expect([both.os?.id, linked.os?.id, vendorAlone.os?.id]).toEqual(['own', 'vendor', 'vendor']);
  });

  it('has no system where the first os-release is none', async () => {
    const found = await inventory([file('etc/os-release', 'x'), file('usr/lib/os-release', 'ID=vendor')]);
    expect(found.os).toBeNull();
  });

  it('is that of an artifact when no layer is an archive, and passes on what is unfit', async () => {
    const analyse = (bytes: Buffer): ReturnType<typeof analyseLayer> =>
      analyseLayer(once(bytes), { limits: defaultLayerLimits });
    const chart = { digest: null, analysis: await analyse(Buffer.from('{"chart":1}')) };
    const tar = { digest: null, analysis: await analyse(writeTar([npm('a')])) };
    const content = (layers: readonly (typeof chart)[]): string =>
      buildInventory({ layers, config: null, unfit: [] }).content;
    expect([content([chart]), content([chart, tar]), content([])]).toEqual(['artifact', 'image', 'artifact']);
    expect(buildInventory({ layers: [chart], config: null, unfit: ['because.'] }).unfit).toEqual([
      'because.',
    ]);
  });

  it.each([
    ['an ID with odd signs', 'ID="a/b?c#d@%"\nVERSION_ID="&=\u00e4"'],
    ['a name of __proto__', 'ID=__proto__\nVERSION_ID=constructor'],
  ])('writes purls for %s', async (_, release) => {
    const found = await inventory([
      file('etc/os-release', release),
      file('var/lib/dpkg/status', dpkg('a+b%~', '1:2/3?')),
    ]);
    expect(found.packages[0]?.purl).toMatch(/^pkg:deb\/.+\/a.*@1/);
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
