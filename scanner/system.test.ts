import { describe, expect, it } from '@jest/globals';
import type { ImageConfig } from '../core/image.ts';
import type { Inventory } from '../core/inventory.ts';
import { debianRoot, writeTar } from '../test/support/images.ts';
import { goProgram } from './catalogers/golang/samples.ts';
import { buildInventory } from './inventory.ts';
import { analyseLayer } from './layer.ts';
import { defaultLayerLimits } from './limits.ts';
import {
  apk,
  dpkg,
  file,
  inventoryOf,
  type Layer,
  link,
  names,
  npm,
  once,
  type Sample,
  whiteout,
  whys,
} from './samples.ts';

const inventory = (...layers: readonly Layer[]): Promise<Inventory> =>
  inventoryOf(layers.map((layer) => writeTar(layer)));

const program: Sample = { path: 'app', content: goProgram('go1.22.3', 'example.org/tool@v1.0.0') };
const library = (path: string): Sample => ({ path, content: Buffer.from('\x7fELF\x02\x01\x01\0library') });
const debian = debianRoot({ release: '12', packages: [{ name: 'a', version: '1' }] });

describe('the system of an image', () => {
  it.each<readonly [string, readonly Layer[], string | null]>([
    [
      'os-release before all others',
      [[...debian, file('etc/lsb-release', 'DISTRIB_ID=X'), file('etc/debian_version', '11.1')]],
      'debian 12',
    ],
    [
      'an older file where os-release was removed',
      [[...debian, file('etc/debian_version', '12.5\n')], [whiteout('etc/os-release')]],
      'debian 12',
    ],
    [
      'the vendor’s file before what it has for the sake of others',
      [
        [
          file('etc/oracle-release', 'Oracle Linux Server release 6.10'),
          file('etc/redhat-release', 'Red Hat Enterprise Linux Server release 6.10 (Santiago)'),
        ],
      ],
      'ol 6.10',
    ],
    [
      'a link to the vendor’s file',
      [
        [
          link('etc/redhat-release', 'centos-release'),
          file('etc/centos-release', 'CentOS release 6.10 (Final)'),
        ],
      ],
      'centos 6',
    ],
    [
      'a link to nowhere, and the next',
      [[link('etc/redhat-release', '../srv/x'), file('etc/debian_version', '12.5')]],
      'debian 12',
    ],
    [
      'an os-release that tells none counts',
      [[file('etc/os-release', 'x'), file('etc/debian_version', '12.5')]],
      null,
    ],
    [
      'an older file of a later layer',
      [[file('etc/debian_version', '11.1')], [file('etc/debian_version', '12.5')]],
      'debian 12',
    ],
    ['one that was removed', [[file('etc/debian_version', '11.1')], [whiteout('etc/debian_version')]], null],
    ['one that is too large', [[file('etc/debian_version', `12.5\n${' '.repeat(2 ** 17)}`)]], null],
  ])('%s', async (_, layers, expected) => {
    const { os } = await inventory(...layers);
    expect(os === null ? null : `${os.id} ${os.versionId}`).toBe(expected);
  });

  const snapshot = 'ID=alpine\nVERSION_ID=3.21.0_alpha20240923\nPRETTY_NAME="Alpine Linux edge"';
  it.each<readonly [string, string, string]>([
    [snapshot, 'https://x/alpine/edge/main\n', '3.21.0_alpha20240923'],
    [snapshot, 'https://x/alpine/v3.21/main\n', '3.21'],
    [snapshot, 'https://x/alpine/v3.21/main\nhttps://x/alpine/edge/main\n', '3.21.0_alpha20240923'],
    ['ID=alpine\nVERSION_ID=edge', 'https://x/alpine/v3.20/main\n', '3.20'],
    ['ID=alpine', 'https://x/alpine/edge/main\n', 'edge'],
    ['ID=alpine\nVERSION_ID=3.19.4', 'https://x/alpine/edge/main\n', '3.19.4'],
    ['ID=wolfi\nVERSION_ID=20230201', 'https://x/alpine/edge/main\n', '20230201'],
  ])('of Alpine %j with repositories %j is %s', async (release, repositories, versionId) => {
    const layer = [
      file('etc/os-release', release),
      file('etc/apk/repositories', repositories),
      file('lib/apk/db/installed', apk('a')),
    ];
    expect((await inventory(layer)).os?.versionId).toBe(versionId);
  });

  it.each<readonly [string, Layer]>([
    [
      'openwrt with opkg',
      [
        file('etc/os-release', 'ID=openwrt\nVERSION_ID=23.05.3'),
        link('var', '/tmp'),
        file('usr/lib/opkg/status', 'Package: a\nVersion: 1\nStatus: install ok installed\n'),
      ],
    ],
    [
      'openwrt with apk',
      [file('etc/os-release', 'ID=openwrt\nVERSION_ID=25.12.0'), file('lib/apk/db/installed', apk('a'))],
    ],
    [
      'arch',
      [
        file('etc/os-release', 'ID=arch'),
        file('var/lib/pacman/local/a-1-1/desc', '%NAME%\na\n\n%VERSION%\n1-1\n'),
      ],
    ],
  ])('%s is complete', async (_, layer) => {
    const found = await inventory(layer);
    expect([names(found).length, found.incomplete]).toEqual([1, []]);
  });

  it.each<readonly [string, Layer, RegExp]>([
    [
      'openwrt without its list',
      [file('etc/os-release', 'ID=openwrt\nNAME=OpenWrt')],
      /no database lists a single opkg or apk package/,
    ],
    [
      'arch without its list',
      [file('etc/os-release', 'ID=arch\nNAME=Arch')],
      /no database lists a single alpm package/,
    ],
    [
      'openEuler without its list',
      [file('etc/os-release', 'ID="openEuler"\nNAME=openEuler')],
      /single rpm package/,
    ],
    [
      'files of pacman packages alone',
      [file('var/lib/pacman/local/a-1-1/files', '%FILES%\n')],
      /files of pacman packages are there/,
    ],
    [
      'files of opkg packages alone',
      [file('usr/lib/opkg/info/a.list', '/bin/a\n')],
      /files of opkg packages are there/,
    ],
    [
      'a distribution that was stripped of its release and is Debian still',
      [file('etc/debian_version', '12.5')],
      /no database lists a single deb package/,
    ],
  ])('%s is told', async (_, layer, why) => {
    expect(whys(await inventory(layer))).toMatch(why);
  });
});

describe('an image without a system', () => {
  it.each<readonly [string, readonly Layer[], boolean]>([
    ['a program alone', [[program]], true],
    ['nothing at all', [[file('x')]], true],
    ['a system', [debian], false],
    ['a C library', [[program, library('lib/ld-musl-x86_64.so.1')]], false],
    ['glibc', [[program, library('usr/lib/x86_64-linux-gnu/libc.so.6')]], false],
    ['an old loader', [[program, library('lib/ld-2.31.so')]], false],
    ['a C library that was taken out', [[program, library('lib/libc.so.6')], [whiteout('lib')]], true],
    ['another library', [[program, library('usr/lib/libcrypto.so.3')]], true],
    ['text by the name of a C library', [[program, file('x/libc.so.6', 'GROUP ( x )')]], true],
    ['packages of a system that is not told', [[file('var/lib/dpkg/status', dpkg('a'))]], false],
    ['traces of such packages', [[npm('a'), file('var/lib/dpkg/info/a.list')]], false],
    ['an os-release that tells nothing', [[npm('a'), file('etc/os-release', 'x')]], false],
    [
      'an os-release that leads nowhere',
      [[npm('a'), link('etc/os-release', '../usr/lib/os-release')]],
      false,
    ],
    ['an unknown system', [[npm('a'), file('etc/os-release', 'ID=x')]], false],
  ])('%s: %s', async (_, layers, bare) => {
    expect((await inventory(...layers)).bare).toBe(bare ? true : undefined);
  });
});

describe('an image of Windows', () => {
  const config: ImageConfig = {
    platform: { os: 'windows', architecture: 'amd64', variant: null },
    ...{ created: null, user: null, labels: {}, exposedPorts: [], healthcheck: false, diffIds: [] },
    ...{ env: [], history: [] },
  };
  it.each<readonly [string, ImageConfig | null, Layer, boolean]>([
    ['by its config', config, [file('Files/app.txt')], true],
    ['by its layers', null, [file('Hives/System_Delta', 'x'), file('Files/app.txt')], true],
    ['by a base layer', null, [file('Files/Windows/System32/config/SYSTEM', 'x')], true],
    ['not by files of that name in a system', null, [...debian, file('Hives/System_Delta', 'x')], false],
    ['not by a folder of that name', null, [file('Files/app.txt')], false],
  ])('%s', async (_, of, layer, isWindows) => {
    const analysis = await analyseLayer(once(writeTar(layer)), { limits: defaultLayerLimits });
    const { unfit } = buildInventory({ layers: [{ digest: null, analysis }], config: of, unfit: [] });
    expect(unfit).toEqual(
      isWindows ? [expect.stringMatching(/image of Windows, which is not supported/)] : [],
    );
  });
});
