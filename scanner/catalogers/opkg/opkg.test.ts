import { describe, expect, it } from '@jest/globals';
import { opkg, opkgControl } from './index.ts';

const status = 'usr/lib/opkg/status';
const parse = (text: string): ReturnType<typeof opkg.parse> => opkg.parse(status, Buffer.from(text));
const rows = (text: string): string[] =>
  parse(text).packages.map(({ type, name, version, arch }) => [type, name, version, arch ?? '-'].join(' '));

describe('opkg match', () => {
  it.each<readonly [string, string | null]>([
    [status, 'content'],
    ['var/lib/opkg/status', 'content'],
    ['usr/lib/opkg/info/busybox.list', 'trace'],
    ['var/lib/opkg/info/busybox.list', 'trace'],
    ['usr/lib/opkg/info/busybox.control', null],
    ['usr/lib/opkg/info/sub/busybox.list', null],
    ['usr/lib/opkg/lists/base', null],
    ['srv/usr/lib/opkg/status', null],
  ])('%s: %s', (path, kind) => {
    expect(opkg.match(path)?.kind ?? null).toBe(kind);
  });

  it('reads what a package said of itself where it can', () => {
    expect(opkgControl.match('usr/lib/opkg/info/busybox.control')?.kind).toBe('optional');
    expect(opkgControl.match('usr/lib/opkg/busybox.control')).toBeNull();
  });
});

describe('opkg parse', () => {
  it.each<readonly [string, string, readonly string[]]>([
    [
      'OpenWrt',
      'Package: libc\nVersion: 1.2.4-4\nDepends: libgcc1\nProvides: musl\nStatus: install hold installed\nArchitecture: x86_64\nInstalled-Time: 1700000000\n\nPackage: dropbear\nVersion: 2022.82-5\nStatus: install user installed\nArchitecture: x86_64\nConffiles:\n /etc/config/dropbear 0123\nInstalled-Time: 1700000000\n\n',
      ['opkg libc 1.2.4-4 x86_64', 'opkg dropbear 2022.82-5 x86_64'],
    ],
    [
      'what is not on disk any more',
      'Package: a\nVersion: 1\nStatus: deinstall user not-installed\n\nPackage: b\nVersion: 1\nStatus: deinstall ok config-files\n\nPackage: c\nVersion: 1\nStatus: install ok unpacked\n',
      ['opkg c 1 -'],
    ],
    ['nothing', '', []],
  ])('reads %s', (_, text, expected) => {
    expect(rows(text)).toEqual(expected);
    expect(parse(text).incomplete).toEqual([]);
  });

  it.each<readonly [string, string, RegExp]>([
    ['no status', 'Package: a\nVersion: 1\n', /"a" has no valid Status/],
    ['no version', 'Package: a\nStatus: install ok installed\n', /no Package or no Version/],
  ])('says so when there is %s', (_, text, why) => {
    expect(
      parse(text)
        .incomplete.map((one) => one.why)
        .join(),
    ).toMatch(why);
  });

  it.each<readonly [string, string, object | undefined]>([
    [
      'OpenWrt',
      'Package: curl\nVersion: 8.5.0-1\nSource: feeds/packages/net/curl\nSourceName: curl-src\nLicense: MIT\nDescription:  A tool\n for transfers\n',
      { licenses: ['MIT'], source: 'curl-src' },
    ],
    ['an older one', 'Package: a\nSource: package/libs/openssl\n', { licenses: [], source: 'openssl' }],
    [
      'Yocto',
      'Package: b\nSource: busybox_1.36.1.bb\nLicense: GPL-2.0-only & bzip2-1.0.4\n',
      { licenses: ['GPL-2.0-only & bzip2-1.0.4'], source: 'busybox' },
    ],
    ['a recipe without version', 'Source: base.bb\n', { licenses: [], source: 'base' }],
    ['nothing', '\0\n', undefined],
  ])('notes source and licence of %s', (_, text, notes) => {
    expect(opkgControl.parse('usr/lib/opkg/info/a.control', Buffer.from(text)).notes).toEqual(notes);
  });

  it('tells whose files are', () => {
    const list = '/usr/bin/tool\n/etc/x.conf\n/usr/lib/node/a/package.json\t0644\t\n';
    expect(opkg.parse('var/lib/opkg/info/tool.list', Buffer.from(list)).owned).toEqual([
      {
        by: 'tool',
        database: 'var/lib/opkg/status',
        paths: ['usr/bin/tool', 'usr/lib/node/a/package.json'],
      },
    ]);
  });
});
