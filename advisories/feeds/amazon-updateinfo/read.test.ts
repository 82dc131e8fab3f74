import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { PratiqueError } from '../../../core/errors.ts';
import { temporaryDirectory } from '../../../test/support/temp.ts';
import { nameOf, readBytes } from '../samples-reading.ts';
import { amazonUpdateinfo } from './index.ts';

const directory = temporaryDirectory();
const read = (bytes: Uint8Array, path = '2/updateinfo.xml.gz') =>
  readBytes(amazonUpdateinfo, directory, path, bytes);
const updates = `<?xml version="1.0" ?><updates><update type="security"><id>ALAS2-2018-942</id><pkglist><collection><package name="qemu-img" epoch="10" version="1.5.3" release="141.amzn2" arch="x86_64"/></collection></pkglist></update><update type="security"><id>ALAS2-2018-943</id></update></updates>`;

describe('Amazon’s list of updates', () => {
  it('gives its advisories for the release whose folder it lies in', async () => {
    const records = await read(gzipSync(updates), '2023/updateinfo.xml.gz');
    expect(records.map(nameOf)).toEqual(['ALAS2-2018-942', 'rejected ALAS2-2018-943']);
    expect(records[0]).toMatchObject({ advisory: { affected: [{ ecosystem: 'Amazon Linux:2023' }] } });
    await expect(read(gzipSync(updates), '2027/updateinfo.xml.gz')).rejects.toThrow(
      'it has to lie in 2 or 2023/',
    );
  });

  it.each<[string, Uint8Array, string]>([
    ['a web page', Buffer.from('<!DOCTYPE html>'), 'a web page'],
    ['not packed', Buffer.from(updates), 'an XML document'],
    ['a part', gzipSync(updates).subarray(0, -20), 'a gzip file'],
    ['empty', gzipSync(''), 'a gzip file'],
    ['without updates', gzipSync('<updates/>'), 'a gzip file'],
    ['another document', gzipSync('<repomd><update/></repomd>'), 'a gzip file'],
    ['broken off', gzipSync(updates.slice(0, -10)), 'a gzip file'],
  ])('ends the reading when it is %s', async (_name, bytes, like) => {
    const reading = read(bytes);
    await expect(reading).rejects.toMatchObject({ code: 'advisories-unreadable' });
    await expect(reading).rejects.toThrow(`2/updateinfo.xml.gz cannot be read as a gzip file of updates`);
    await expect(reading).rejects.toThrow(`it begins like ${like}`);
  });
});

describe('where Amazon’s lists are', () => {
  const repomd = (href: string): string =>
    `<repomd xmlns="http://linux.duke.edu/metadata/repo"><data type="primary"><location href="repodata/p.gz"/></data><data type="updateinfo"><location href="${href}"/></data></repomd>`;
  const mirrors = 'https://one.test/2/guid/x86_64\nhttps://two.test/2/guid/x86_64/\n';
  const answers = (index: (url: string) => string) => (url: string) =>
    url.endsWith('mirror.list') ? Promise.resolve(mirrors) : Promise.resolve(index(url));

  it('is said by the first mirror that answers', async () => {
    const ask = answers((url) => {
      if (url.startsWith('https://one.test')) throw new PratiqueError('upstream-unreachable', 'no');
      return repomd('repodata/0123abcd-updateinfo.xml.gz');
    });
    expect(await amazonUpdateinfo.remote(async (url) => ask(url))).toEqual([
      {
        path: '2/updateinfo.xml.gz',
        url: 'https://two.test/2/guid/x86_64/repodata/0123abcd-updateinfo.xml.gz',
      },
      {
        path: '2023/updateinfo.xml.gz',
        url: 'https://two.test/2/guid/x86_64/repodata/0123abcd-updateinfo.xml.gz',
      },
    ]);
  });

  it.each([
    ['is elsewhere', repomd('https://evil.test/updateinfo.xml.gz'), 'names no updateinfo'],
    ['climbs', repomd('repodata/../../updateinfo.xml.gz'), 'names no updateinfo'],
    ['is not said', '<repomd/>', 'names no updateinfo'],
    ['is no XML', '<html><br>', 'is no index of a repository'],
  ])('is not known where it %s', async (_name, index, why) => {
    const asked = amazonUpdateinfo.remote(answers(() => index));
    await expect(asked).rejects.toMatchObject({ code: 'upstream-misbehaved' });
    await expect(asked).rejects.toThrow(why);
    await expect(amazonUpdateinfo.remote(() => Promise.resolve('<html>'))).rejects.toThrow('names no mirror');
  });
});
