import { describe, expect, it } from '@jest/globals';
import { debCopyright } from './index.ts';

const path = 'usr/share/doc/a/copyright';
const licenses = (text: string): readonly string[] =>
  debCopyright.parse(path, Buffer.from(text)).notes?.licenses ?? [];
const format = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n';

describe('deb-copyright match', () => {
  it.each([
    [path, true],
    ['usr/share/doc/copyright', false],
    ['usr/share/doc/a/b/copyright', false],
    ['usr/share/doc/a/copyright.gz', false],
    ['srv/usr/share/doc/a/copyright', false],
  ])('%s: %s', (at, of) => {
    expect(debCopyright.match(at)?.kind).toBe(of ? 'optional' : undefined);
  });
});

describe('deb-copyright parse', () => {
  it.each<readonly [string, string, readonly string[]]>([
    [
      'machine-readable fields',
      `${format}Upstream-Name: a\n\nFiles: *\nCopyright: 2020 Somebody\nLicense: GPL-2+ or Artistic\n text\n .\n License: none\n\nFiles: debian/*\nLicense:  Expat \n\nLicense: GPL-2+\n On Debian systems /usr/share/common-licenses/GPL-2\n\nLicense: Artistic\n`,
      ['GPL-2+ or Artistic', 'Expat'],
    ],
    ['a licence of the whole', `${format}License: MIT\n\nFiles: *\nLicense: MIT\n`, ['MIT']],
    ['texts alone', `${format}\nLicense: BSD-3-clause\n text\n`, ['BSD-3-clause']],
    [
      'an earlier form',
      'Format-Specification: http://dep.debian.net\r\n\r\nFiles: *\r\nLicense: LGPL-2.1\r\n',
      ['LGPL-2.1'],
    ],
    [
      'fields of other cases and spaces',
      `format: x\n\nFILES: *\nLICENSE:\tGPL-3  with\tOpenSSL exception\n`,
      ['GPL-3 with OpenSSL exception'],
    ],
    [
      'a field that names none, by what the text refers to',
      `${format}\nFiles: *\nLicense:\n see /usr/share/common-licenses/GPL-3\n`,
      ['GPL-3'],
    ],
    [
      'free text',
      "On Debian systems see `/usr/share/common-licenses/GPL-2'.\nand /usr/share/common-licenses/LGPL-2.1, and\n/usr/share/common-licenses/GPL-2. And /usr/share/common-licenses/Apache-2.0.\n",
      ['GPL-2', 'LGPL-2.1', 'Apache-2.0'],
    ],
    ['"License:" in free text', 'License: this is free\n\nsee /usr/share/common-licenses/BSD\n', ['BSD']],
    [
      'the text of MIT, wrapped',
      'Permission is hereby granted, free of charge, to any\n * person obtaining a copy of this software\n',
      ['MIT'],
    ],
    [
      'the text of BSD',
      'Redistribution and use in source and\nbinary forms, with or without\n3. Neither the name of the author',
      ['BSD-3-Clause'],
    ],
    ['nothing', 'It is in the public domain.\n', []],
    ['a sentence for a name', `${format}\nFiles: *\nLicense: ${'word '.repeat(40)}\n`, []],
    ['bytes', '\0\xff', []],
  ])('reads %s', (_, text, expected) => {
    expect(licenses(text)).toEqual(expected);
  });

  it('keeps a hundred names at most', () => {
    const fields = Array.from({ length: 300 }, (_, at) => `Files: ${at}\nLicense: L-${at}\n\n`).join('');
    expect(licenses(`${format}\n${fields}`)).toHaveLength(100);
    const text = Array.from({ length: 300 }, (_, at) => `/usr/share/common-licenses/L-${at}\n`).join('');
    expect(licenses(text)).toHaveLength(100);
  });

  it('is never a reason for an incomplete inventory', () => {
    expect(debCopyright.parse(path, Buffer.from('\0'.repeat(1000))).incomplete).toEqual([]);
  });
});
