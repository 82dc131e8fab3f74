import { describe, expect, it } from '@jest/globals';
import { readFeed } from '../../../test/support/feed-files.ts';
import { temporaryDirectory } from '../../../test/support/temp.ts';
import { alpineSecdb } from './index.ts';

const directory = temporaryDirectory();

/** As https://secdb.alpinelinux.org/v3.15/main.json has it. */
const main = {
  apkurl: '{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk',
  archs: ['aarch64', 'x86_64'],
  reponame: 'main',
  urlprefix: 'https://dl-cdn.alpinelinux.org/alpine',
  distroversion: 'v3.15',
  packages: [
    { pkg: { name: 'bash', secfixes: { '4.4.12-r1': ['CVE-2016-0634'] } } },
    { pkg: { name: 'busybox', secfixes: { '0': ['CVE-2021-42373'], '1.27.2-r4': ['CVE-2017-16544'] } } },
    { pkg: { name: 'xen', secfixes: { '4.7.0-r0': ['XSA-207'] } } },
  ],
};

const read = (files: Readonly<Record<string, string>>) => readFeed(alpineSecdb, directory, files);

describe('Alpine’s security database', () => {
  it('is read under the names of osv.dev', async () => {
    const edge = { ...main, distroversion: 'edge', reponame: 'community', packages: {} };
    const records = await read({
      'v3.15/main.json': JSON.stringify(main, null, 4),
      'edge/community.json': JSON.stringify(edge),
    });
    const advisories = records.flatMap((record) => (record.kind === 'advisory' ? [record.advisory] : []));
    expect(
      advisories.map(({ id, url, affected }) => [id, affected[0]?.ecosystem, affected[0]?.name, url]),
    ).toEqual([
      ['ALPINE-CVE-2016-0634', 'Alpine:v3.15', 'bash', 'https://security.alpinelinux.org/vuln/CVE-2016-0634'],
      [
        'ALPINE-CVE-2017-16544',
        'Alpine:v3.15',
        'busybox',
        'https://security.alpinelinux.org/vuln/CVE-2017-16544',
      ],
      ['XSA-207', 'Alpine:v3.15', 'xen', 'https://secdb.alpinelinux.org/v3.15/main.json'],
    ]);
    expect(records).toHaveLength(3);
  });

  it.each<[string, string, string, string]>([
    ['of another release', 'v3.16/main.json', JSON.stringify(main), '"distroversion" is not "v3.16"'],
    ['of another repository', 'v3.15/community.json', JSON.stringify(main), '"reponame" is not "community"'],
    ['a web page', 'v3.15/main.json', '<html><body>Index of /', 'it begins like a web page'],
    ['cut', 'v3.15/main.json', JSON.stringify(main).slice(0, -3), 'it breaks off after'],
    ['without packages', 'v3.15/main.json', '{"distroversion":"v3.15"}', 'it has no "packages"'],
    ['with packages that are none', 'v3.15/main.json', '{"packages":"x"}', 'its "packages" is no list'],
    ['elsewhere', 'v3.15/contrib.json', '{}', "is none of Alpine's databases"],
  ])('is refused when a file is %s', async (_name, path, text, why) => {
    const failure = read({ [path]: text });
    await expect(failure).rejects.toMatchObject({ code: 'advisories-unreadable' });
    await expect(failure).rejects.toThrow(`alpine-secdb/${path}`);
    await expect(failure).rejects.toThrow(why);
  });

  it.each(['{}', '[]', 'null'])('may have no packages: %s', async (none) => {
    expect(await read({ 'v3.3/community.json': `{"distroversion":"v3.3","packages":${none}}` })).toEqual([]);
  });

  it('rejects a package that is no JSON, by its place', async () => {
    const text = JSON.stringify(main).replace('{"name":"busybox"', '{"name" "busybox"');
    const records = await read({ 'v3.15/main.json': text });
    expect(records).toHaveLength(3);
    expect(records[1]).toMatchObject({ kind: 'rejected', name: 'v3.15/main.json: packages[1]' });
  });

  it('is asked for every release, also for those to come', async () => {
    const files = await alpineSecdb.remote(async () => '');
    const optional = (path: string) =>
      files.filter((file) => file.path === path).map((file) => file.optional ?? false);
    expect(files.find((file) => file.path === 'v3.19/main.json')?.url).toBe(
      'https://secdb.alpinelinux.org/v3.19/main.json',
    );
    expect(
      ['v3.3/main.json', 'v3.24/main.json', 'v3.27/community.json', 'edge/main.json'].map(optional),
    ).toEqual([[true], [false], [true], [false]]);
  });
});
