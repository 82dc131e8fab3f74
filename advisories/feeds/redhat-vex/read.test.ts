import { describe, expect, it } from '@jest/globals';
import { compress } from 'zstd-napi';
import { writeTar } from '../../../test/support/tar.ts';
import { temporaryDirectory } from '../../../test/support/temp.ts';
import { nameOf, readBytes } from '../samples-reading.ts';
import { redHatVex } from './index.ts';
import { sampleVex } from './samples.ts';

const directory = temporaryDirectory();
const read = (bytes: Uint8Array) => readBytes(redHatVex, directory, 'csaf_vex.tar.zst', bytes);

const of = (cve: string, cpe: string): string =>
  JSON.stringify(
    sampleVex({
      cve,
      products: [{ id: 'r', cpe }, { id: 'vim' }],
      status: { known_affected: [['r', 'vim']] },
    }),
    null,
    2,
  );
const rhel = of('CVE-2023-0049', 'cpe:/o:redhat:enterprise_linux:9');
const tar = writeTar([
  { path: '2023/', type: 'directory' },
  { path: '2023/cve-2023-0049.json', content: `${rhel}\n` },
  { path: '2023/cve-2023-0050.json', content: of('CVE-2023-0050', 'cpe:/a:redhat:satellite:6.14::el8') },
  { path: '2023/cve-2023-0051.json', content: rhel.slice(0, 500) },
  {
    path: '2023/cve-2023-0118.json',
    content: '{"document":{"tracking":{"id":"CVE-2023-0118","status":"deleted"}}}',
  },
  { path: '2023/cve-2023-0052.json', content: '<html>' },
  { path: 'README', content: 'no document' },
]);

describe('Red Hat’s archive', () => {
  it('gives what is said of RHEL, and broken documents by their file’s name', async () => {
    expect((await read(compress(tar))).map(nameOf)).toEqual([
      'REDHAT-CVE-2023-0049',
      'rejected 2023/cve-2023-0051.json',
      'withdrawn',
      'rejected 2023/cve-2023-0052.json',
    ]);
  });

  it.each<[string, Uint8Array, string, string]>([
    ['a web page', Buffer.from('<html>Log in'), 'frame descriptor', 'a web page'],
    ['nothing', Buffer.alloc(0), 'nothing in it', 'an empty file'],
    ['a part', compress(tar).subarray(0, -30), 'ends', 'a zstd file'],
    ['a part of an archive', compress(tar.subarray(0, 1500)), 'it ends too early', 'a zstd file'],
    ['no archive', compress(Buffer.alloc(2000, 'x')), 'no header of an entry', 'a zstd file'],
    ['an archive of nothing', compress(Buffer.alloc(1024)), 'it has no document', 'a zstd file'],
  ])('ends the reading when it is %s', async (_name, bytes, why, like) => {
    const reading = read(bytes);
    await expect(reading).rejects.toMatchObject({ code: 'advisories-unreadable' });
    await expect(reading).rejects.toThrow(new RegExp(why, 'i'));
    await expect(reading).rejects.toThrow(`it begins like ${like}`);
  });

  it('is named by a file of its own', async () => {
    expect(await redHatVex.remote(() => Promise.resolve('csaf_vex_2026-08-20.tar.zst\n'))).toEqual([
      {
        path: 'csaf_vex.tar.zst',
        url: 'https://security.access.redhat.com/data/csaf/v2/vex/csaf_vex_2026-08-20.tar.zst',
      },
    ]);
    await expect(redHatVex.remote(() => Promise.resolve('../../etc/passwd'))).rejects.toMatchObject({
      code: 'upstream-misbehaved',
    });
  });
});
