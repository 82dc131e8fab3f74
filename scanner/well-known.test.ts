import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import { debianRoot, writeTar } from '../test/support/images.ts';
import { elf } from './catalogers/golang/samples.ts';
import { crateList } from './catalogers/rust/samples.ts';
import { apk, file, hard, inventoryOf, type Layer, link, type Sample, whiteout, whys } from './samples.ts';

const inventory = (...layers: readonly Layer[]): Promise<Inventory> =>
  inventoryOf(layers.map((layer) => writeTar(layer)));
const told = ({ packages }: Inventory): readonly string[] =>
  packages.map(({ type, name, version, paths }) => [type, name, version, ...paths].join(' '));

const program = (path: string, text: string): Sample => ({
  path,
  content: elf(Buffer.from(`\0${text}\0`, 'latin1')),
});
const openssl = (path: string, version = '3.0.13'): Sample => program(path, `OpenSSL ${version} 30 Jan 2024`);
const nginx = (path: string): Sample => program(path, 'nginx version: nginx/1.25.1');
const crypto = 'usr/lib/x86_64-linux-gnu/libcrypto.so.3';
const debian = (...packages: readonly { name: string; files?: string[] }[]): Layer =>
  debianRoot({ release: '12', packages: packages.map((one) => ({ version: '1.0-1', ...one })) });

describe('programs without a package', () => {
  it('have a purl, a layer and a path', async () => {
    const { packages, incomplete } = await inventory([file('x')], [nginx('usr/local/sbin/nginx')]);
    expect(packages).toMatchObject([
      { type: 'generic', name: 'nginx', purl: 'pkg:generic/nginx@1.25.1', paths: ['usr/local/sbin/nginx'] },
    ]);
    expect(incomplete).toEqual([]);
  });

  it.each<readonly [string, readonly Layer[], readonly string[]]>([
    [
      'under several names of one file',
      [[nginx('opt/nginx'), hard('opt/nginx-1.25', 'opt/nginx'), link('usr/bin/nginx', '/opt/nginx')]],
      ['generic nginx 1.25.1 opt/nginx opt/nginx-1.25'],
    ],
    [
      'in two libraries of a version',
      [[openssl('opt/lib/libssl.so.3'), openssl('opt/lib/libcrypto.so.3')]],
      ['generic openssl 3.0.13 opt/lib/libcrypto.so.3 opt/lib/libssl.so.3'],
    ],
    [
      'that a later layer replaced',
      [[openssl('opt/libssl.so.3', '3.0.1')], [openssl('opt/libssl.so.3')]],
      ['generic openssl 3.0.13 opt/libssl.so.3'],
    ],
    ['that a later layer took away', [[nginx('opt/nginx')], [whiteout('opt/nginx')]], []],
    ['that are scripts', [[file('usr/bin/python3.11', '#!/bin/sh\n\x003.11.2\0')]], []],
  ])('%s', async (_, layers, expected) => {
    expect(told(await inventory(...layers))).toEqual(expected);
  });
});

describe("a distribution's programs", () => {
  it.each<readonly [string, readonly Layer[]]>([
    [
      'a library with points in its name',
      [[...debian({ name: 'libssl3', files: [crypto] }), openssl(crypto)]],
    ],
    [
      'a program under two names of one file',
      [
        [
          ...debian({ name: 'perl-base', files: ['usr/bin/perl', 'usr/bin/perl5.36.0'] }),
          program('usr/bin/perl', '/usr/local/lib/perl5/5.36.0'),
          hard('usr/bin/perl5.36.0', 'usr/bin/perl'),
        ],
      ],
    ],
    [
      'a program behind a symbolic link',
      [
        [
          ...debian({ name: 'python3.11', files: ['usr/bin/python3.11'] }),
          program('usr/bin/python3.11', '3.11.2'),
          link('usr/bin/python3', 'python3.11'),
        ],
      ],
    ],
  ])('%s: told once, as its package', async (_, layers) => {
    const { packages } = await inventory(...layers);
    expect(packages.map(({ type }) => type)).toEqual(['deb']);
  });

  it('that another layer wrote are told by themselves', async () => {
    const root = [...debian({ name: 'libssl3', files: [crypto] }), openssl(crypto)];
    expect(told(await inventory(root, [openssl(crypto, '3.0.14')]))).toContain(
      `generic openssl 3.0.14 ${crypto}`,
    );
  });
});

describe('programs of Rust', () => {
  it('are found wherever they lie', async () => {
    const list = crateList('tool 1.0.0', 'memchr 2.4.1', 'cc 1.0.0 build');
    const found = await inventory([{ path: 'opt/any', content: elf(list) }]);
    expect(told(found)).toEqual(['cargo memchr 2.4.1 opt/any', 'cargo tool 1.0.0 opt/any']);
    expect(found.packages[0]?.purl).toBe('pkg:cargo/memchr@2.4.1');
  });
});

const spdx = (...purls: readonly string[]): string =>
  JSON.stringify({
    spdxVersion: 'SPDX-2.3',
    packages: purls.map((referenceLocator) => ({
      externalRefs: [{ referenceType: 'purl', referenceLocator }],
    })),
  });

describe('bills of materials in an image', () => {
  it('of Bitnami name the component, beside which its programs are not told again', async () => {
    const found = await inventory([
      ...debian({ name: 'base-files' }),
      file('opt/bitnami/nginx/.spdx-nginx.spdx', spdx('pkg:bitnami/nginx@1.25.1-4?arch=amd64')),
      nginx('opt/bitnami/nginx/sbin/nginx'),
    ]);
    expect(told(found)).toEqual([
      'bitnami nginx 1.25.1-4 opt/bitnami/nginx/.spdx-nginx.spdx',
      'deb base-files 1.0-1 var/lib/dpkg/status',
    ]);
    expect(found.packages[0]?.purl).toBe('pkg:bitnami/nginx@1.25.1-4');
    expect(found.incomplete).toEqual([]);
  });

  const wolfi = file('etc/os-release', 'ID=wolfi\nVERSION_ID="20230201"\n');
  const document = file('var/lib/db/sbom/zlib.spdx.json', spdx('pkg:apk/wolfi/zlib@1.3-r0?arch=x86_64'));

  it('of Wolfi say nothing that the database does not', async () => {
    const found = await inventory([wolfi, document, file('lib/apk/db/installed', apk('zlib', '1.3-r0'))]);
    expect(told(found)).toEqual(['apk zlib 1.3-r0 lib/apk/db/installed']);
    expect(found.incomplete).toEqual([]);
  });

  it('of Wolfi are told where the database is gone, and that it is', async () => {
    const found = await inventory([wolfi, document]);
    expect(told(found)).toEqual(['apk zlib 1.3-r0 var/lib/db/sbom/zlib.spdx.json']);
    expect(whys(found)).toMatch(/no database lists a single apk package/);
  });
});
