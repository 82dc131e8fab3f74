import { headerOf } from '../../../scanner/catalogers/rpm/samples.ts';
import { berkeleyOf } from '../../../scanner/catalogers/rpm/samples-berkeley.ts';
import { ndbOf } from '../../../scanner/catalogers/rpm/samples-ndb.ts';
import { sqliteOf } from '../../../scanner/catalogers/rpm/samples-sqlite.ts';
import { languageSeeds } from './language-seeds.ts';
import { type Seeds, text } from './seeds.ts';
import { systemSeeds } from './system-seeds.ts';

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
  const seeds = byCataloger[name] ?? languageSeeds[name];
  if (seeds === undefined)
    throw new Error(`cataloger ${name} has no seeds in system-seeds.ts or language-seeds.ts`);
  return seeds;
}
