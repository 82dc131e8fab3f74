import { describe, expect, it } from '@jest/globals';
import { osRelease } from './index.ts';

const parse = (text: string): ReturnType<typeof osRelease.parse> =>
  osRelease.parse('etc/os-release', Buffer.from(text));

describe('os-release', () => {
  it.each<readonly [string, string, readonly [string, string, string]]>([
    ['double quotes', 'ID="debian"\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"', ['debian', '12', 'Debian 12']],
    [
      'single quotes',
      "ID='alpine'\nVERSION_ID='3.19'\nNAME='Alpine Linux'",
      ['alpine', '3.19', 'Alpine Linux 3.19'],
    ],
    ['no quotes', 'ID=fedora\nVERSION_ID=40', ['fedora', '40', 'fedora 40']],
    ['escapes', 'ID=a\nPRETTY_NAME="a \\"b\\" \\$c \\\\"', ['a', '', 'a "b" $c \\']],
    ['no version (rolling)', 'ID=arch\nNAME="Arch Linux"', ['arch', '', 'Arch Linux']],
    [
      'comments, empty lines and carriage returns',
      '# ID=x\r\n\r\nID=debian\r\nVERSION_ID=12\r\n',
      ['debian', '12', 'debian 12'],
    ],
    ['the last of two', 'ID=a\nID=b', ['b', '', 'b']],
    ['upper case', 'ID=Debian', ['debian', '', 'Debian']],
    ['a lone quote', 'ID=a\nVERSION_ID="', ['a', '"', 'a "']],
  ])('reads %s', (_, text, [id, versionId, name]) => {
    expect(parse(text).os).toMatchObject({ id, versionId });
    expect(parse(text).os?.name.toLowerCase()).toBe(name.toLowerCase());
    expect(parse(text).incomplete).toEqual([]);
  });

  it.each(['', 'NAME=x', 'ID=', 'ID=""', 'ID_LIKE=debian', '\0\x01\x02'])(
    'says that %j has no ID',
    (text) => {
      expect(parse(text)).toMatchObject({
        os: null,
        incomplete: [{ what: 'etc/os-release', why: 'it has no ID' }],
      });
    },
  );
});
