import { describe, expect, it } from '@jest/globals';
import { readFeed } from '../../../test/support/feed-files.ts';
import { temporaryDirectory } from '../../../test/support/temp.ts';
import { chainguardSecdb } from '../chainguard-secdb/index.ts';
import { wolfiSecdb } from './index.ts';

/** As https://packages.wolfi.dev/os/security.json has it. */
const database = {
  apkurl: '{{urlprefix}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk',
  archs: ['x86_64'],
  reponame: 'os',
  urlprefix: 'https://packages.wolfi.dev',
  packages: [
    { pkg: { name: 'coreutils', secfixes: { '0': ['CVE-2016-2781'] } } },
    { pkg: { name: 'zlib', secfixes: { '1.2.12-r3': ['CVE-2022-37434', 'GHSA-cfmr-vrgj-vqwv'] } } },
  ],
};

describe.each([
  [wolfiSecdb, 'Wolfi', 'https://packages.wolfi.dev/os/security.json'],
  [chainguardSecdb, 'Chainguard', 'https://packages.cgr.dev/chainguard/security.json'],
])('the database of $1', (feed, ecosystem, url) => {
  it('has an advisory for each name', async () => {
    const files = { 'security.json': JSON.stringify(database) };
    const records = await readFeed(feed, temporaryDirectory(), files);
    const range = [[{ introduced: '0' }, { fixed: '1.2.12-r3' }]];
    const affected = [{ ecosystem, name: 'zlib', ranges: range, versions: [], severity: null }];
    expect(records).toEqual([
      {
        kind: 'advisory',
        advisory: expect.objectContaining({ id: 'CVE-2022-37434', aliases: [], upstream: [], affected }),
      },
      {
        kind: 'advisory',
        advisory: expect.objectContaining({
          id: 'GHSA-cfmr-vrgj-vqwv',
          url: 'https://images.chainguard.dev/security/GHSA-cfmr-vrgj-vqwv',
          affected,
        }),
      },
    ]);
  });

  it('is one file', async () => {
    expect(await feed.remote(async () => '')).toEqual([{ path: 'security.json', url }]);
  });
});
