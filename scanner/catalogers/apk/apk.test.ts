import { describe, expect, it } from '@jest/globals';
import { apk } from './index.ts';

const path = 'lib/apk/db/installed';
const parse = (text: string): ReturnType<typeof apk.parse> => apk.parse(path, Buffer.from(text));
const rows = (text: string): string[] =>
  parse(text).packages.map(({ name, version, arch, source, licenses }) =>
    [name, version, arch ?? '-', source.name, source.version, ...licenses].join(' '),
  );

describe('apk match', () => {
  it.each<readonly [string, string | null]>([
    [path, 'content'],
    ['usr/lib/apk/db/installed', 'content'],
    ['etc/apk/world', 'trace'],
    ['lib/apk/db/scripts.tar', 'trace'],
    ['usr/lib/apk/db/scripts.tar.gz', 'trace'],
    ['lib/apk/db/triggers', 'trace'],
    ['srv/lib/apk/db/installed', null],
    ['lib/apk/db/installed/x', null],
  ])('%s: %s', (one, kind) => {
    expect(apk.match(one)?.kind ?? null).toBe(kind);
  });
});

describe('apk parse', () => {
  it.each<readonly [string, string, readonly string[]]>([
    [
      'all fields',
      'C:Q1x=\nP:musl\nV:1.2.5-r0\nA:x86_64\nS:1\no:musl-src\nL:MIT\n\n',
      ['musl 1.2.5-r0 x86_64 musl-src 1.2.5-r0 MIT'],
    ],
    ['no origin', 'P:a\nV:1-r0\n', ['a 1-r0 - a 1-r0']],
    ['an empty origin', 'P:a\nV:1-r0\no:\n', ['a 1-r0 - a 1-r0']],
    [
      'files',
      'P:a\nV:1-r0\nF:usr/bin\nM:0:0:755\nR:a\na:0:0:755\nZ:Q1=\nF:etc\nR:V\n\nP:b\nV:2-r0\n',
      ['a 1-r0 - a 1-r0', 'b 2-r0 - b 2-r0'],
    ],
    ['a name after the files, as apk does', 'F:usr\nR:x\nP:late\nV:1-r0\n', ['late 1-r0 - late 1-r0']],
    [
      'virtual packages',
      'P:.build-deps\nV:20240101.000000\n',
      ['.build-deps 20240101.000000 - .build-deps 20240101.000000'],
    ],
    ['several empty lines', '\n\nP:a\nV:1-r0\n\n\n\nP:b\nV:2-r0', ['a 1-r0 - a 1-r0', 'b 2-r0 - b 2-r0']],
    ['an empty file', '', []],
  ])('reads %s', (_, text, expected) => {
    expect(rows(text)).toEqual(expected);
    expect(parse(text).incomplete).toEqual([]);
  });

  it.each<readonly [string, string, readonly string[], RegExp]>([
    ['no version', 'P:a\n', [], /no P or no V line \(P: "a"\)/],
    ['no name', 'V:1-r0\n', [], /no P or no V/],
    ['files alone', 'F:usr\nR:x\n', [], /no P or no V/],
    ['text that is no database', 'hello\n', [], /no P or no V/],
    ['two packages in one stanza', 'P:a\nV:1-r0\nP:b\nV:2-r0\n', ['a 1-r0 - a 1-r0'], /"a" has two P lines/],
  ])('says so when there is %s', (_, text, expected, why) => {
    expect(rows(text)).toEqual(expected);
    expect(
      parse(text)
        .incomplete.map((one) => one.why)
        .join('; '),
    ).toMatch(why);
  });
});
