import { headerOf } from '../../../scanner/catalogers/rpm/samples.ts';
import { berkeleyOf } from '../../../scanner/catalogers/rpm/samples-berkeley.ts';
import { ndbOf } from '../../../scanner/catalogers/rpm/samples-ndb.ts';
import { sqliteOf } from '../../../scanner/catalogers/rpm/samples-sqlite.ts';
import { jarOf, zipOf } from '../../support/zip.ts';
import type { Input } from '../target.ts';
import { type Seeds, text } from './seeds.ts';
import { systemSeeds } from './system-seeds.ts';

const json = (path: string, value: unknown): Input => ({ path, bytes: Buffer.from(JSON.stringify(value)) });
const jsonWords = [
  '{',
  '[',
  '}',
  ']',
  '":"',
  '"',
  ',',
  ':',
  'null',
  '{"a":',
  '\\u0000',
  '\ufeff',
  '__proto__',
];

const headers = (): Buffer[] => [
  headerOf({
    name: 'bash',
    version: '5.1.8',
    release: '6.el9',
    epoch: 1,
    license: 'GPLv3+',
    files: ['/usr/bin/bash'],
  }),
  headerOf({ name: 'nodejs', modularityLabel: 'nodejs:18:8090020:abc', sourceRpm: 'nodejs-1-2.src.rpm' }),
  headerOf({ name: 'large', padding: 3000 }),
];

const byCataloger: Readonly<Record<string, Seeds>> = {
  deb: {
    words: [
      'Package: ',
      'Status: install ok installed',
      'Version: ',
      'Source: a (1)',
      '\n\n',
      '\n ',
      'Architecture: all',
    ],
    seeds: () => [
      text(
        'var/lib/dpkg/status',
        'Package: a',
        'Status: install ok installed',
        'Version: 1:2-3',
        'Source: b (4)',
        'Architecture: amd64',
        'Description: x',
        ' y',
        '',
        'Package: c',
        'Status: deinstall ok config-files',
        'Version: 2',
        '',
      ),
      text('var/lib/dpkg/status.d/base', 'Package: base', 'Version: 1'),
      text('var/lib/dpkg/info/a.list', '/.', '/usr', '/usr/share/a.jar'),
      text('var/lib/dpkg/diversions', '/usr/bin/a', '/usr/bin/a.real', 'b'),
    ],
  },
  apk: {
    words: ['P:', 'V:', 'o:', 'L:', 'F:usr/lib', 'R:a.jar', 'A:x86_64', '\n\n'],
    seeds: () => [
      text(
        'lib/apk/db/installed',
        'C:Q1abc=',
        'P:musl',
        'V:1.2-r0',
        'A:x86_64',
        'L:MIT',
        'o:musl',
        'F:lib',
        'R:libc.jar',
        '',
        'P:b',
        'V:2-r1',
        '',
      ),
    ],
  },
  rpm: {
    words: ['SQLite format 3\0', 'RpmP', 'Packages'],
    seeds: () => [
      { path: 'var/lib/rpm/rpmdb.sqlite', bytes: sqliteOf(headers()) },
      { path: 'var/lib/rpm/rpmdb.sqlite', bytes: sqliteOf(headers(), { pageSize: 512 }) },
      { path: 'var/lib/rpm/Packages.db', bytes: ndbOf(headers()) },
      { path: 'var/lib/rpm/Packages', bytes: berkeleyOf(headers()) },
      { path: 'var/lib/rpm/Packages', bytes: berkeleyOf(headers(), { order: 'big' }) },
    ],
  },
  ...systemSeeds,
  'rpm-pending': { words: [], seeds: () => [text('var/lib/rpm/rpmdb.sqlite-wal', 'x')] },
  npm: {
    words: ['"name":', '"version":', '"license":', ...jsonWords],
    seeds: () => [
      json('app/node_modules/a/package.json', {
        name: 'a',
        version: '1.0.0',
        license: 'MIT',
        dependencies: { b: '1' },
      }),
      json('app/node_modules/@s/b/package.json', {
        name: '@s/b',
        version: '2.0.0-rc.1',
        licenses: [{ type: 'MIT' }],
      }),
    ],
  },
  python: {
    words: [
      'Name: ',
      'Version: ',
      'License: ',
      'Classifier: License :: OSI Approved :: MIT License',
      '\n\n',
      '\n ',
    ],
    seeds: () => [
      text(
        'usr/lib/python3/dist-packages/a.dist-info/METADATA',
        'Metadata-Version: 2.1',
        'Name: a',
        'Version: 1.0',
        'License: MIT',
        '',
        'text',
      ),
      text('usr/lib/python3/dist-packages/b.egg-info', 'Name: b', 'Version: 2'),
      { path: 'opt/c.egg', bytes: zipOf([{ name: 'EGG-INFO/PKG-INFO', content: 'Name: c\nVersion: 3\n' }]) },
    ],
  },
  java: {
    words: [
      'PK\u0003\u0004',
      'PK\u0001\u0002',
      'PK\u0005\u0006',
      'META-INF/MANIFEST.MF',
      'groupId=',
      'Implementation-Version: ',
    ],
    seeds: () => {
      const inner = jarOf([{ group: 'g', artifact: 'a', version: '1.0' }]);
      return [
        { path: 'opt/a.jar', bytes: inner },
        {
          path: 'opt/app.war',
          bytes: zipOf([
            { name: 'WEB-INF/lib/a.jar', content: inner, stored: true },
            {
              name: 'META-INF/MANIFEST.MF',
              content: 'Manifest-Version: 1.0\r\nImplementation-Title: app\r\nImplementation-Version: 2\r\n',
            },
          ]),
        },
        { path: 'opt/b.ear', bytes: zipOf([{ name: 'lib/a.jar', content: inner }], { zip64: true }) },
        text('app/META-INF/maven/g/a/pom.properties', 'groupId=g', 'artifactId=a', 'version=1'),
      ];
    },
  },
  'os-release': {
    words: ['ID=', 'VERSION_ID=', '"', "'", '\\', 'PRETTY_NAME='],
    seeds: () => [
      text(
        'etc/os-release',
        'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
        'ID=debian',
        "VERSION_ID='12'",
        '# c',
      ),
    ],
  },
};

/** @throws where a cataloger has no seeds: then it is not fuzzed */
export function catalogerSeeds(name: string): Seeds {
  const seeds = byCataloger[name];
  if (seeds === undefined) throw new Error(`cataloger ${name} has no seeds in cataloger-seeds.ts`);
  return seeds;
}
