import { describe, expect, it } from '@jest/globals';
import type { Package, PackageType } from '../core/inventory.ts';
import { foundOnce } from './found-once.ts';

function one(text: string, path: string, rest: Partial<Package> = {}): Package {
  const [type, name = '', version = ''] = text.split(' ');
  const source = { name, version };
  return {
    type: type as PackageType,
    name,
    version,
    arch: null,
    source,
    purl: '',
    layer: null,
    paths: [path],
    licenses: [],
    ...rest,
  };
}
const rows = (found: readonly Package[], documented: readonly Package[] = []): readonly string[] =>
  foundOnce(found, documented).map(({ type, name, version, paths }) =>
    [type, name, version, ...paths].join(' '),
  );

describe('what is found', () => {
  it('of programs is one package for all files of a version', () => {
    const libssl = one('generic openssl 3.0.13', 'opt/libssl.so.3');
    const libcrypto = one('generic openssl 3.0.13', 'opt/libcrypto.so.3');
    const old = one('generic openssl 1.1.1w', 'srv/libssl.so.1.1');
    expect(rows([libssl, libcrypto, old, libssl])).toEqual([
      'generic openssl 3.0.13 opt/libcrypto.so.3 opt/libssl.so.3',
      'generic openssl 1.1.1w srv/libssl.so.1.1',
    ]);
  });

  it('of a program that hundreds of names lead to names some of them', () => {
    const links = Array.from({ length: 400 }, (_, n) => one('generic busybox 1.36.1', `bin/${n}`));
    expect(foundOnce(links, []).map(({ paths }) => paths.length)).toEqual([20]);
  });

  it("of a distribution's program is the distribution's alone", () => {
    const owned = { ownedBy: 'libssl3' };
    expect(
      rows([
        one('generic openssl 3.0.13', 'usr/lib/libssl.so.3', owned),
        one('pypi jinja2 3.1.2', 'usr/lib/python3/a', owned),
        one('deb libssl3 3.0.13-1', 'var/lib/dpkg/status'),
      ]),
    ).toEqual(['pypi jinja2 3.1.2 usr/lib/python3/a', 'deb libssl3 3.0.13-1 var/lib/dpkg/status']);
  });

  it("in Bitnami's folders goes by Bitnami's version", () => {
    const documented = [
      one('bitnami nginx 1.25.3-4', 'opt/bitnami/nginx/.spdx-nginx.spdx'),
      one('bitnami jre 17.0.10-0', 'opt/bitnami/java/.spdx-jre.spdx'),
    ];
    const found = [
      one('generic nginx 1.25.3', 'opt/bitnami/nginx/sbin/nginx'),
      one('generic java 17.0.10', 'opt/bitnami/java/release'),
      one('generic nginx 1.20.0', 'usr/local/sbin/nginx'),
      one('generic openssl 3.0.13', 'opt/bitnami/nginx/lib/libssl.so.3'),
    ];
    expect(rows(found, documented)).toEqual([
      'generic nginx 1.20.0 usr/local/sbin/nginx',
      'generic openssl 3.0.13 opt/bitnami/nginx/lib/libssl.so.3',
      'bitnami nginx 1.25.3-4 opt/bitnami/nginx/.spdx-nginx.spdx',
      'bitnami jre 17.0.10-0 opt/bitnami/java/.spdx-jre.spdx',
    ]);
  });

  it("in Bitnami's folders is told where it is of another version than the document", () => {
    const documented = [
      one('bitnami node 99.0.0-1', 'opt/bitnami/node/.spdx-node.spdx'),
      one('bitnami postgresql 16.2.0-4', 'opt/bitnami/postgresql/.spdx-postgresql.spdx'),
      one('bitnami jre 17.0.10-13-0', 'opt/bitnami/java/.spdx-jre.spdx'),
      one('bitnami php 8.20.0-1', 'opt/bitnami/php/.spdx-php.spdx'),
    ];
    const found = [
      one('generic node 12.0.0', 'opt/bitnami/node/bin/node'),
      one('generic postgresql 16.2', 'opt/bitnami/postgresql/bin/postgres'),
      one('generic java 17.0.10', 'opt/bitnami/java/release'),
      one('generic php 8.2.0', 'opt/bitnami/php/bin/php'),
    ];
    expect(rows(found, documented).filter((row) => row.startsWith('generic'))).toEqual([
      'generic node 12.0.0 opt/bitnami/node/bin/node',
      'generic php 8.2.0 opt/bitnami/php/bin/php',
    ]);
  });

  it('in documents and elsewhere is told once, and the database has the word on its packages', () => {
    const documented = [
      one('npm a 1.0.0', 'doc'),
      one('npm b 1.0.0', 'doc'),
      one('apk musl 1.2.4-r1', 'doc'),
    ];
    const found = [
      one('npm a 1.0.0', 'app/node_modules/a'),
      one('apk musl 1.2.5-r0', 'lib/apk/db/installed'),
    ];
    expect(rows(found, documented)).toEqual([
      'npm a 1.0.0 app/node_modules/a',
      'apk musl 1.2.5-r0 lib/apk/db/installed',
      'npm b 1.0.0 doc',
    ]);
    expect(rows([], documented)).toHaveLength(3);
  });
});
