import { describe, expect, it } from '@jest/globals';
import { pacman } from './index.ts';

const folder = 'var/lib/pacman/local/bash-5.2.026-2';
const desc = `${folder}/desc`;
const parse = (text: string): ReturnType<typeof pacman.parse> => pacman.parse(desc, Buffer.from(text));

describe('pacman match', () => {
  it.each<readonly [string, string | null]>([
    [desc, 'content'],
    [`${folder}/files`, 'trace'],
    ['var/lib/pacman/local/ALPM_DB_VERSION', 'trace'],
    [`${folder}/mtree`, null],
    [`${folder}/x/desc`, null],
    ['var/lib/pacman/sync/core.db', null],
    ['var/lib/pacman/sync/a/desc', null],
    ['var/lib/pacman/local/desc', null],
  ])('%s: %s', (path, kind) => {
    expect(pacman.match(path)?.kind ?? null).toBe(kind);
  });
});

describe('pacman parse', () => {
  it.each([
    [
      'all that is there',
      '%NAME%\nopenssl\n\n%VERSION%\n1:3.2.1-1\n\n%BASE%\nopenssl-src\n\n%DESC%\nThe toolkit\n%NAME%\n\n%ARCH%\nx86_64\n\n%LICENSE%\nApache-2.0\nMIT\n\n%DEPENDS%\nglibc\n\n',
      ['openssl 1:3.2.1-1 x86_64 openssl-src Apache-2.0 MIT'],
    ],
    ['the least', '%NAME%\na\n\n%VERSION%\n1-1\n', ['a 1-1 - a']],
    ['carriage returns', '%NAME%\r\na\r\n\r\n%VERSION%\r\n1-1\r\n', ['a 1-1 - a']],
    ['the first of two names', '%NAME%\na\nb\n\n%NAME%\nc\n\n%VERSION%\n1-1\n', ['a 1-1 - a']],
  ])('reads %s', (_, text, expected) => {
    const { packages, incomplete } = parse(text);
    expect(
      packages.map(({ type, name, version, arch, source, licenses }) => {
        expect([type, source.version]).toEqual(['alpm', version]);
        return [name, version, arch ?? '-', source.name, ...licenses].join(' ');
      }),
    ).toEqual(expected);
    expect(incomplete).toEqual([]);
  });

  it.each([
    ['no version', '%NAME%\na\n'],
    ['no name', '%VERSION%\n1-1\n'],
    ['an empty name', '%NAME%\n\n%VERSION%\n1-1\n'],
    ['nothing', ''],
  ])('says so when there is %s', (_, text) => {
    expect(parse(text)).toMatchObject({
      packages: [],
      incomplete: [{ what: desc, why: expect.stringContaining('no NAME or no VERSION') }],
    });
  });

  it('tells whose files are', () => {
    const files = '%FILES%\nusr/\nusr/bin/\nusr/bin/bash\nusr/share/doc/x.txt\n\n%BACKUP%\netc/bin/y\tsum\n';
    expect(pacman.parse(`${folder}/files`, Buffer.from(files)).owned).toEqual([
      { by: null, database: desc, paths: ['usr/bin/bash'] },
    ]);
  });
});
