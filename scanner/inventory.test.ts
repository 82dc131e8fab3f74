import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import { alpineRoot, debianRoot, npmPackages, writeTar } from '../test/support/images.ts';
import { buildInventory } from './inventory.ts';
import { analyseLayer } from './layer.ts';
import { defaultLayerLimits } from './limits.ts';
import {
  digestOf,
  dpkg,
  file,
  folder,
  inventoryOf,
  type Layer,
  link,
  names,
  npm,
  once,
  whiteout,
  whys,
} from './samples.ts';

const inventory = (...layers: readonly Layer[]): Promise<Inventory> =>
  inventoryOf(layers.map((layer) => writeTar(layer)));

const debian = (...packages: readonly string[]): Layer =>
  debianRoot({ release: '12', packages: packages.map((name) => ({ name, version: '1' })) });

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
    [
      'an rpm database of garbage',
      [[file('var/lib/rpm/rpmdb.sqlite', 'SQLite')]],
      /rpmdb.sqlite: it is no rpm database of a known format/,
    ],
    [
      'a broken entry of a pacman database',
      [[file('var/lib/pacman/local/bash-5/desc', 'x')]],
      /bash-5\/desc: it has no NAME or no VERSION/,
    ],
    ['a Nix database', [[file('nix/var/nix/db/db.sqlite', 'x')]], /Nix, which is not read/],
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
      'a RHEL that was stripped of its database',
      [[file('etc/os-release', 'ID=rhel\nNAME=RHEL')]],
      /this is RHEL, but no database lists a single rpm package/,
    ],
    [
      'another system that was stripped of its database',
      [[file('etc/os-release', 'ID=other\nNAME=Other')]],
      /this is Other, but it has no package database/,
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
      ['changed', digestOf(0)],
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
