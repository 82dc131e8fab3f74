import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import { writeTar } from '../test/support/images.ts';
import { jarOf } from '../test/support/zip.ts';
import { goProgram } from './catalogers/golang/samples.ts';
import { headerOf } from './catalogers/rpm/samples.ts';
import { berkeleyOf } from './catalogers/rpm/samples-berkeley.ts';
import { ndbOf } from './catalogers/rpm/samples-ndb.ts';
import { sqliteOf } from './catalogers/rpm/samples-sqlite.ts';
import {
  apk,
  dpkg,
  file,
  inventoryOf,
  type Layer,
  names,
  npm,
  opaque,
  type Sample,
  whiteout,
} from './samples.ts';

const inventory = (...layers: readonly Layer[]): Promise<Inventory> =>
  inventoryOf(layers.map((layer) => writeTar(layer)));
const bytes = (path: string, content: Uint8Array): Sample => ({ path, content });
const opkg = (name: string): string => `Package: ${name}\nVersion: 1\nStatus: install user installed\n\n`;
const desc = (name: string): Sample =>
  file(`var/lib/pacman/local/${name}-1-1/desc`, `%NAME%\n${name}\n\n%VERSION%\n1-1\n`);
const rpm = (name: string): Buffer => headerOf({ name, release: '1' });
const python = (name: string): Sample =>
  file(`opt/${name}.dist-info/METADATA`, `Name: ${name}\nVersion: 1\n`);

/** Each kind of package: how a layer brings `gone` and `kept`, and how another takes `gone` away. */
const kinds: readonly (readonly [string, Layer, Layer])[] = [
  [
    'deb',
    [file('var/lib/dpkg/status', `${dpkg('gone')}\n${dpkg('kept')}`)],
    [file('var/lib/dpkg/status', dpkg('kept'))],
  ],
  [
    'deb, its files gone and its configuration left',
    [file('var/lib/dpkg/status', `${dpkg('gone')}\n${dpkg('kept')}`)],
    [
      file(
        'var/lib/dpkg/status',
        `${dpkg('gone').replace('install ok installed', 'deinstall ok config-files')}\n${dpkg('kept')}`,
      ),
    ],
  ],
  [
    'distroless',
    ['gone', 'kept'].map((name) => file(`var/lib/dpkg/status.d/${name}`, `Package: ${name}\nVersion: 1\n`)),
    [whiteout('var/lib/dpkg/status.d/gone')],
  ],
  [
    'apk',
    [file('lib/apk/db/installed', apk('gone') + apk('kept'))],
    [file('lib/apk/db/installed', apk('kept'))],
  ],
  [
    'rpm (SQLite)',
    [bytes('var/lib/rpm/rpmdb.sqlite', sqliteOf([rpm('gone'), rpm('kept')]))],
    [bytes('var/lib/rpm/rpmdb.sqlite', sqliteOf([rpm('kept')]))],
  ],
  [
    'rpm (ndb)',
    [bytes('usr/lib/sysimage/rpm/Packages.db', ndbOf([rpm('gone'), rpm('kept')]))],
    [bytes('usr/lib/sysimage/rpm/Packages.db', ndbOf([rpm('kept')]))],
  ],
  [
    'rpm (Berkeley DB)',
    [bytes('var/lib/rpm/Packages', berkeleyOf([rpm('gone'), rpm('kept')]))],
    [bytes('var/lib/rpm/Packages', berkeleyOf([rpm('kept')]))],
  ],
  [
    'opkg',
    [file('usr/lib/opkg/status', opkg('gone') + opkg('kept'))],
    [file('usr/lib/opkg/status', opkg('kept'))],
  ],
  ['pacman', [desc('gone'), desc('kept')], [whiteout('var/lib/pacman/local/gone-1-1')]],
  ['npm', [npm('gone'), npm('kept')], [whiteout('app/node_modules/gone')]],
  ['npm, by an opaque folder', [npm('gone'), npm('kept')], [opaque('app/node_modules'), npm('kept')]],
  ['Python', [python('gone'), python('kept')], [whiteout('opt/gone.dist-info')]],
  [
    'Java',
    ['gone', 'kept'].map((name) =>
      bytes(`opt/${name}-1.jar`, jarOf([{ group: 'g', artifact: name, version: '1' }])),
    ),
    [whiteout('opt/gone-1.jar')],
  ],
  [
    'Go',
    ['gone', 'kept'].map((name) => bytes(`opt/${name}`, goProgram('go1.22.3', `example.org/${name}@v1.0.0`))),
    [whiteout('opt/gone')],
  ],
  [
    'Go, another file in its place',
    ['gone', 'kept'].map((name) => bytes(`opt/${name}`, goProgram('go1.22.3', `example.org/${name}@v1.0.0`))),
    [bytes('opt/gone', Buffer.from('\x7fELF\x02\x01\x01\0nothing'))],
  ],
];

describe('a package that a later layer took out', () => {
  it.each(kinds)('%s', async (_, brought, taken) => {
    const of = (found: Inventory, name: string): number =>
      names(found).filter((one) => one.includes(name)).length;
    const [before, after] = [await inventory(brought), await inventory(brought, taken)];
    expect([of(before, 'gone'), of(before, 'kept')]).toEqual([1, 1]);
    expect([of(after, 'gone'), of(after, 'kept')]).toEqual([0, 1]);
    expect(after.incomplete).toEqual([]);
  });
});
