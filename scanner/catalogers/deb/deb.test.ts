import { describe, expect, it } from '@jest/globals';
import { deb, debPending } from './index.ts';

const status = 'var/lib/dpkg/status';
const parse = (text: string, path = status): ReturnType<typeof deb.parse> =>
  deb.parse(path, Buffer.from(text));
const installed = 'Status: install ok installed';
/** `name version arch source sourceVersion` of every package. */
const rows = (text: string, path = status): string[] =>
  parse(text, path).packages.map(({ name, version, arch, source }) =>
    [name, version, arch ?? '-', source.name, source.version].join(' '),
  );

describe('deb match', () => {
  it.each<readonly [string, string | null]>([
    [status, 'content'],
    ['var/lib/dpkg/status.d/base', 'content'],
    ['var/lib/dpkg/status.d/base.md5sums', 'trace'],
    ['var/lib/dpkg/status.d/sub/base', null],
    ['var/lib/dpkg/info/libc6:amd64.list', 'trace'],
    ['var/lib/dpkg/info/libc6:amd64.md5sums', 'trace'],
    ['var/lib/dpkg/info/libc6:amd64.postinst', null],
    ['var/lib/dpkg/status-old', null],
    ['srv/var/lib/dpkg/status', null],
  ])('%s: %s', (path, kind) => {
    expect(deb.match(path)?.kind ?? null).toBe(kind);
  });
});

describe('deb parse', () => {
  it.each([
    ['install ok installed', true],
    ['hold ok installed', true],
    ['deinstall ok installed', true],
    ['install ok unpacked', true],
    ['install reinstreq half-installed', true],
    ['install ok half-configured', true],
    ['install ok triggers-awaited', true],
    ['install ok triggers-pending', true],
    ['install ok a-state-to-come', true],
    ['deinstall ok config-files', false],
    ['purge ok not-installed', false],
    ['unknown ok not-installed', false],
  ])('a package with the status "%s" is on disk: %s', (state, present) => {
    const { packages, incomplete } = parse(`Package: a\nStatus: ${state}\nVersion: 1\n`);
    expect([packages.length, incomplete.length]).toEqual([present ? 1 : 0, 0]);
  });

  it.each<readonly [string, string, readonly string[]]>([
    ['no source', `Package: a\n${installed}\nVersion: 1:2-3\nArchitecture: amd64`, ['a 1:2-3 amd64 a 1:2-3']],
    ['a source', `Package: a\n${installed}\nSource: b\nVersion: 1`, ['a 1 - b 1']],
    [
      'a source with a version',
      `Package: a\n${installed}\nSource: b (1.2)\nVersion: 1+b1`,
      ['a 1+b1 - b 1.2'],
    ],
    [
      'a source with a version close by',
      `Package: a\n${installed}\nSource: b(1.2)\nVersion: 1`,
      ['a 1 - b 1.2'],
    ],
    [
      'other order, cases and spaces',
      `VERSION:1\nstatus :  ${'install ok installed'}\npackage:\ta `,
      ['a 1 - a 1'],
    ],
    [
      'carriage returns',
      `Package: a\r\n${installed}\r\nVersion: 1\r\n\r\nPackage: b\r\n${installed}\r\nVersion: 2\r\n`,
      ['a 1 - a 1', 'b 2 - b 2'],
    ],
    [
      'many empty lines',
      `\n\nPackage: a\n${installed}\nVersion: 1\n\n\n \nPackage: b\n${installed}\nVersion: 2`,
      ['a 1 - a 1', 'b 2 - b 2'],
    ],
    [
      'descriptions that look like fields',
      `Package: a\n${installed}\nVersion: 1\nDescription: x\n Package: evil\n\tVersion: 9\n .\n Status: deinstall ok config-files`,
      ['a 1 - a 1'],
    ],
    ['an empty file', '', []],
    ['no file at all but newlines', '\n\n\n', []],
  ])('reads %s', (_, text, expected) => {
    expect(rows(text)).toEqual(expected);
    expect(parse(text).incomplete).toEqual([]);
  });

  it.each<readonly [string, string, readonly string[], RegExp]>([
    ['no status', 'Package: a\nVersion: 1', ['a 1 - a 1'], /"a" has no valid Status/],
    ['a broken status', 'Package: a\nStatus: installed\nVersion: 1', ['a 1 - a 1'], /no valid Status/],
    ['no version', `Package: a\n${installed}`, [], /no Package or no Version \(Package: "a"\)/],
    ['no name', `${installed}\nVersion: 1`, [], /no Package or no Version/],
    [
      'a field twice',
      `Package: a\n${installed}\nVersion: 1\nVersion: 2`,
      ['a 1 - a 1'],
      /"version" twice, "2"/,
    ],
    [
      'a source without a name',
      `Package: a\n${installed}\nSource: (2)\nVersion: 1`,
      ['a 1 - a 1'],
      /no source/,
    ],
    [
      'a source without its version',
      `Package: a\n${installed}\nSource: b ()\nVersion: 1`,
      ['a 1 - a 1'],
      /no source/,
    ],
    [
      'a stanza cut by a blank line',
      `Package: a\n \nVersion: 1\n${installed}`,
      [],
      /no Package or no Version/,
    ],
  ])('says so when there is %s', (_, text, expected, why) => {
    expect(rows(text)).toEqual(expected);
    expect(
      parse(text)
        .incomplete.map((one) => one.why)
        .join('; '),
    ).toMatch(why);
  });

  it('takes what distroless lists for installed', () => {
    const path = 'var/lib/dpkg/status.d/tzdata';
    expect(rows('Package: tzdata\nVersion: 2024a-0\nArchitecture: all', path)).toEqual([
      'tzdata 2024a-0 all tzdata 2024a-0',
    ]);
    expect(parse('Package: tzdata\nVersion: 2024a-0', path).incomplete).toEqual([]);
  });

  it('stops at a bound, and says so', () => {
    const { packages, incomplete } = parse(`Package: a\nVersion: 1\n${installed}\n\n`.repeat(200_001));
    expect(packages).toHaveLength(200_000);
    expect(incomplete).toEqual([{ what: status, why: 'it has more than 200000 packages' }]);
  });
});

describe('changes that dpkg has not taken over', () => {
  it.each([
    ['var/lib/dpkg/updates/0001', 'content'],
    ['var/lib/dpkg/updates/tmp.i', null],
    ['var/lib/dpkg/updates/0001/x', null],
  ])('%s: %s', (path, kind) => {
    expect(debPending.match(path)?.kind ?? null).toBe(kind);
    expect(deb.match(path)).toBeNull();
  });

  it('make the list of packages incomplete, unless there are none', () => {
    const path = 'var/lib/dpkg/updates/0001';
    const told = (text: string): object => debPending.parse(path, Buffer.from(text));
    expect(told('Package: a\nVersion: 2\n')).toMatchObject({ packages: [], incomplete: [{ what: path }] });
    expect(told('')).toMatchObject({ packages: [], incomplete: [] });
  });
});
