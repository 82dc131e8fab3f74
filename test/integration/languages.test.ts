import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildImage, debianRoot, type TarEntry } from '../support/images.ts';
import { osvRecord } from '../support/osv.ts';
import { jarOf, zipOf } from '../support/zip.ts';
import { feeds, openStage, type Stage } from './stage.ts';

/** Packages of languages, found wherever they lie, and gone when a later layer deletes them. */

const critical = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const packages = [{ name: 'curl', version: '7.88-1' }];
const base = { files: debianRoot({ release: '12', packages }) };
const image = (...layers: readonly (readonly TarEntry[])[]) =>
  buildImage({ layers: [base, ...layers.map((files) => ({ files }))] });

const log = (version: string) => jarOf([{ group: 'org.example.log', artifact: 'log-core', version }]);
const war = (...libraries: readonly Buffer[]): TarEntry => ({
  path: 'opt/server/webapps/shop.war',
  content: zipOf(libraries.map((content, at) => ({ name: `WEB-INF/lib/${at}.jar`, content, stored: true }))),
});
const web = 'usr/local/lib/python3.12/site-packages/Web_Frame-1.0.dist-info';
const project = (version: string): TarEntry => ({
  path: `${web}/METADATA`,
  content: `Metadata-Version: 2.1\nName: Web_Frame\nVersion: ${version}\n\nVersion: 99\n`,
});

/** As apt installs it: the files, their list and the package's entry come in one layer. */
const installed = (...files: readonly string[]): readonly TarEntry[] => [
  ...debianRoot({
    release: '12',
    packages: [...packages, { name: 'python3-web-frame', version: '1.0-1+deb12u1', files }],
  }),
  project('1.0'),
];
const owned = `${web}/METADATA`;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    feeds: {
      ...feeds,
      Maven: [
        osvRecord({
          id: 'GHSA-aaaa-aaaa-aaaa',
          ecosystem: 'Maven',
          package: 'org.example.log:log-core',
          fixed: '2.17.1',
          aliases: ['CVE-2026-2001'],
          cvss: critical,
        }),
      ],
      PyPI: [
        osvRecord({
          id: 'PYSEC-2026-1',
          ecosystem: 'PyPI',
          package: 'web.frame',
          fixed: '1.0.post1',
          aliases: ['CVE-2026-2002'],
          cvss: critical,
        }),
      ],
    },
    repositories: {
      languages: {
        'war-bad': image([war(log('2.14.0'))]),
        'war-good': image([war(log('2.17.1'))]),
        'war-deleted': image([war(log('2.14.0'))], [{ path: 'opt/.wh.server', content: '' }]),
        'jar-of-no-group': image([{ path: 'srv/log-core-2.14.0.jar', content: jarOf([]) }]),
        'jar-of-no-version': image([{ path: 'srv/log-core.jar', content: jarOf([]) }]),
        'jar-of-its-own': image([{ path: 'srv/shop.jar', content: jarOf([]) }]),
        'jar-unreadable': image([{ path: 'srv/shop.jar', content: 'not a ZIP archive' }]),
        'python-bad': image([project('1.0')]),
        'python-good': image([project('1.0.post1')]),
        'python-deleted': image(
          [project('1.0')],
          [{ path: `${web.replace(/[^/]*$/, '.wh.$&')}`, content: '' }],
        ),
        'python-of-debian': image(installed(owned)),
        'python-beside-debian': image(installed()),
        'python-over-debian': image(installed(owned), [project('1.0')]),
        'python-claimed-later': image([project('1.0')], installed(owned).slice(0, -1)),
        'python-unreadable': image([{ path: `${web}/METADATA`, content: 'Name: Web_Frame\n' }]),
      },
    },
  });
});
afterAll(() => stage.close());

describe('an image with packages of a language', () => {
  it.each([
    ['war-bad', /CVE-2026-2001 critical in org\.example\.log:log-core 2\.14\.0 \(fixed in 2\.17\.1\)/],
    [
      'jar-of-no-group',
      /CVE-2026-2001 critical in log-core 2\.14\.0 \(fixed in 2\.17\.1; whether it applies/,
    ],
    [
      'jar-of-no-version',
      /CVE-2026-2001 critical in log-core unknown \(fixed in 2\.17\.1; whether it applies/,
    ],
    ['jar-unreadable', /srv\/shop\.jar/],
    ['python-bad', /CVE-2026-2002 critical in Web_Frame 1\.0 \(fixed in 1\.0\.post1\)/],
    ['python-beside-debian', /CVE-2026-2002 critical in Web_Frame/],
    ['python-over-debian', /CVE-2026-2002 critical in Web_Frame/],
    ['python-claimed-later', /CVE-2026-2002 critical in Web_Frame/],
    ['python-unreadable', /METADATA/],
  ])('%s is refused, with the reason', async (tag, reason) => {
    expect(await stage.get(`languages/manifests/${tag}`)).toMatchObject({
      status: 403,
      code: 'DENIED',
      message: expect.stringMatching(reason),
    });
  });

  it.each(['war-good', 'war-deleted', 'jar-of-its-own', 'python-good', 'python-deleted', 'python-of-debian'])(
    '%s is served',
    async (tag) => expect(await stage.pull('languages', tag)).toMatchObject({ status: 200 }),
  );
});
