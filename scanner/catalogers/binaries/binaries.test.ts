import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { heads } from '../golang/samples.ts';
import { binaries } from './index.ts';
import { isKnownProgram } from './match.ts';
import { plainName } from './names.ts';
import { rows } from './table.ts';

const program = (text: string): Buffer =>
  Buffer.concat([heads.elf, Buffer.alloc(2000, 0x41), Buffer.from(text, 'latin1'), Buffer.alloc(2000, 0x42)]);

function told(path: string, bytes: Buffer, cuts: readonly number[] = []): readonly string[] {
  const probe = binaries.probe(path);
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    const part = Buffer.from(bytes.subarray(from, to));
    probe.take(part);
    part.fill(0xee);
    from = to;
  }
  return (probe.facts()?.packages ?? []).map(({ type, name, version }) => `${type} ${name} ${version}`);
}

/** The texts as the programs have them. */
const samples: readonly (readonly [path: string, text: string, ...expected: string[]])[] = [
  ['usr/local/bin/node', 'node.js/v22.9.0\0', 'node 22.9.0'],
  ['opt/node', '\0https://nodejs.org/download/release/v20.11.1/node-v20.11.1.tar.gz\0', 'node 20.11.1'],
  ['usr/local/bin/python3.11', '\x003.40.1\0\x003.11.2\0', 'python 3.11.2'],
  ['usr/local/lib/libpython3.13.so.1.0', '\x003.13.0rc1\0', 'python 3.13.0rc1'],
  ['usr/lib/libpython3.7m.so.1.0', '\x003.7.17\0', 'python 3.7.17'],
  ['usr/local/bin/python2.7', '\x002.7.18+\0', 'python 2.7.18'],
  [
    'opt/java/openjdk/lib/server/libjvm.so',
    'OpenJDK 64-Bit Server VM (17.0.10+7) for linux-amd64 JRE (17.0.10+7), built on',
    'java 17.0.10',
  ],
  [
    'opt/jdk8/jre/lib/amd64/server/libjvm.so',
    'OpenJDK 64-Bit Server VM (25.392-b08) for linux-amd64 JRE (1.8.0_392-b08), built on',
    'java 8.0.392',
  ],
  ['usr/sbin/nginx', '\0nginx version: nginx/1.25.1\0', 'nginx 1.25.1'],
  [
    'usr/local/openresty/nginx/sbin/nginx',
    '\0nginx version: openresty/1.21.4.1\0',
    'nginx 1.21.4',
    'openresty 1.21.4.1',
  ],
  ['usr/local/bin/redis-server', '\x007.0.14buildkitsandbox-1702957741000000000\0', 'redis 7.0.14'],
  ['usr/local/bin/redis-server', '\x004.0.11841ce7054bd9-1542359302000000000\0', 'redis 4.0.11'],
  ['usr/local/bin/redis-server', '\0Server started, Redis version 2.8.23\0', 'redis 2.8.23'],
  ['usr/local/bin/valkey-server', 'valkey9.0.0buildkitsandbox-1764887574000000000\0', 'valkey 9.0.0'],
  ['usr/local/bin/postgres', '\0postgres (PostgreSQL) 15.3\n\0', 'postgresql 15.3'],
  ['usr/local/bin/postgres', '\0postgres (PostgreSQL) 17beta1\n\0', 'postgresql 17beta1'],
  ['usr/local/mysql/bin/mysqld', '/build/mysql-8.0.37/sql/x.cc\0', 'mysql 8.0.37'],
  ['usr/local/mysql/bin/mariadbd', '\x0010.6.15-MariaDB\0', 'mariadb 10.6.15'],
  ['usr/bin/mysqld', '\x0010.6.15-MariaDB-log\0', 'mariadb 10.6.15'],
  ['usr/bin/mongod', '\x007.0.28\0heap_size\0', 'mongodb 7.0.28'],
  ['usr/local/apache2/bin/httpd', '\0Apache/2.4.59\0', 'apache 2.4.59'],
  ['usr/local/bin/php', '\0X-Powered-By: PHP/8.3.4\0', 'php 8.3.4'],
  ['usr/local/sbin/php-fpm8.3', '\0X-Powered-By: PHP/8.3.0RC6\0', 'php 8.3.0RC6'],
  [
    'usr/local/lib/libruby.so.3.2.1',
    'ruby 3.2.1 (2023-02-08 revision 31819e82c8) [x86_64-linux]',
    'ruby 3.2.1',
  ],
  ['usr/local/bin/ruby', 'ruby 2.7.7p221 (2022-11-24 revision 168ec2b1e5) [x86_64-linux]', 'ruby 2.7.7'],
  ['usr/local/bin/perl5.38.0', '\0/usr/local/lib/perl5/5.38.0\0', 'perl 5.38.0'],
  ['bin/busybox', 'BusyBox v1.36.1 (2023-11-07 18:53:09 UTC)\0', 'busybox 1.36.1'],
  // In BusyBox' own image the other names are hard links to this one.
  ['bin/[', 'BusyBox v1.38.0 (2026-05-13 02:21:31 UTC)\0', 'busybox 1.38.0'],
  ['opt/lib/libcrypto.so.3', '\0OpenSSL 3.0.13 30 Jan 2024\0', 'openssl 3.0.13'],
  ['opt/lib/libssl.so.1.1', '\0OpenSSL 1.1.1w  11 Sep 2023\0', 'openssl 1.1.1w'],
  ['opt/bin/openssl', '\0OpenSSL 1.1.1k  FIPS 25 Mar 2021\0', 'openssl 1.1.1k'],
  ['opt/lib/libcurl.so.4.8.0', '\0libcurl/8.5.0\0', 'curl 8.5.0'],
  ['opt/bin/curl', '\0curl/8.6.0\0', 'curl 8.6.0'],
  ['usr/local/bin/git', '\0git/2.43.0\0', 'git 2.43.0'],
  ['usr/local/bin/bash', '@(#)Bash version 5.2.15(1) release GNU\0', 'bash 5.2.15'],
  ['usr/local/sbin/haproxy', '>HAProxy version 2.2.9-2de1d8c, released 2021/02/06<', 'haproxy 2.2.9'],
  ['usr/local/sbin/haproxy', '\x002.8.3-86e043a\0\0HAProxy version %s %s - \0', 'haproxy 2.8.3'],
  ['usr/local/bin/memcached', '\0memcached 1.6.22\0', 'memcached 1.6.22'],
  ['usr/sbin/varnishd', 'varnish-7.4.2 revision abc\0', 'varnish 7.4.2'],
  ['usr/local/bin/envoy', '\x001.28.7\0 some \0envoy_reloadable_features\0', 'envoy 1.28.7'],
  ['fluent-bit/bin/fluent-bit', '\x003.0.2\0%sFluent Bit', 'fluent-bit 3.0.2'],
  ['usr/bin/pgbouncer', '\0PgBouncer 1.22.0\0', 'pgbouncer 1.22.0'],
  ['usr/sbin/slapd', '$OpenLDAP: slapd 2.6.7 $', 'openldap 2.6.7'],
  ['usr/local/bin/lua5.4', 'Lua 5.4.6  Copyright (C) 1994-2023 Lua.org, PUC-Rio', 'lua 5.4.6'],
  ['usr/local/lib/libsqlite3.so.0.8.6', '\x003.44.0\0', 'sqlite 3.44.0'],
  ['usr/local/lib/erlang/erts-14/bin/beam.smp', '/usr/src/otp_src_25.3.2.6/erts/', 'erlang 25.3.2.6'],
  ['opt/beam.smp', '\0\x0026.1.2\0\0\0Erlang/OTP', 'erlang 26.1.2'],
];

describe('well-known programs', () => {
  it.each(samples)('%s with %j', (path, text, ...expected) => {
    expect(told(path, program(text))).toEqual(expected.map((one) => `generic ${one}`));
  });

  it('are all tried by a sample', () => {
    const tried = new Set(samples.flatMap(([, , ...expected]) => expected.map((one) => one.split(' ')[0])));
    expect(rows.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
  });

  it.each<readonly [string, string, string]>([
    ['another name', 'usr/bin/tool', 'node.js/v22.9.0\0'],
    ['another content', 'usr/bin/node', 'OpenSSL 3.0.13 30 Jan 2024'],
    ['no version', 'usr/bin/nginx', 'nginx version: '],
    ["a version that is not the file name's", 'usr/bin/python3.11', '\x003.40.1\0'],
    ['a name that tells no version', 'usr/bin/python3', '\x003.11.2\0'],
    ['a name for its own sake', 'usr/bin/git', 'git/%s'],
    ['another server', 'usr/sbin/nginx', 'nginx version: freenginx/1.27.0'],
  ])('tell nothing: %s', (_, path, text) => expect(told(path, program(text))).toEqual([]));

  it('tell what the better clue says, wherever it stands', () => {
    const worse = '/download/release/v18.0.0/';
    const better = 'node.js/v20.1.2';
    for (const text of [`${worse} ${better}`, `${better} ${worse}`]) {
      expect(told('usr/bin/node', program(text))).toEqual(['generic node 20.1.2']);
    }
  });

  it.each(samples.filter((_, index) => index % 5 === 0))(
    '%s, however it is cut',
    (path, text, ...expected) => {
      const bytes = Buffer.concat([
        heads.elf,
        Buffer.from(`${'x'.repeat(30)}${text}${'y'.repeat(200)}`, 'latin1'),
      ]);
      for (let at = 0; at <= bytes.length; at += 1)
        expect(told(path, bytes, [at])).toEqual(expected.map((one) => `generic ${one}`));
      const single = Array.from({ length: bytes.length }, (_, index) => index);
      expect(told(path, bytes, single)).toEqual(expected.map((one) => `generic ${one}`));
    },
  );

  it('never throw, and tell no version that a purl could not hold', () => {
    const piece = fc.constantFrom(
      ...rows.flatMap((row) => row.clues('3.11').map(({ anchor }) => anchor)),
      ...['\0', '1', '.', '3.11.4', '-', 'a', '(', ' ', ' 30 Jan 2024', '/'],
    );
    const path = fc.constantFrom(...rows.flatMap(({ files }) => files), 'python3.11');
    fc.assert(
      fc.property(path, fc.array(piece, { maxLength: 40 }), (at, pieces) => {
        for (const one of told(at, Buffer.from(pieces.join(''), 'latin1')))
          expect(one).toMatch(/^generic [a-z-]+ [0-9][0-9A-Za-z.-]*$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('are looked through quickly', () => {
    const begin = performance.now();
    for (const { files, clues } of rows) {
      const text = clues('3.11')
        .map(({ anchor }) => anchor.repeat(20_000))
        .join('');
      told(`usr/bin/${files[0] ?? ''}`, Buffer.from(text, 'latin1'));
    }
    expect(performance.now() - begin).toBeLessThan(20_000);
  });
});

describe('names of programs', () => {
  it.each([
    ['python3.11', 'python', '3.11'],
    ['libpython3.7m.so.1.0', 'libpython.so', '3.7'],
    ['libcrypto.so.3', 'libcrypto.so', ''],
    ['libsqlite3.so.0', 'libsqlite.so', '3'],
    ['perl5.36.0', 'perl', '5.36.0'],
    ['php-fpm8.2', 'php-fpm', '8.2'],
    ['openssl-3', 'openssl', '3'],
    ['beam.smp', 'beam.smp', ''],
    ['7z', '7z', ''],
    ['.so', '.so', ''],
    ['123', '', '123'],
    ['', '', ''],
  ])('%s', (base, name, numbers) => expect(plainName(base)).toEqual({ name, numbers }));

  it.each([
    ['node', true],
    ['libssl.so.1.1', true],
    ['nodemon', false],
    ['x.html', false],
    ['', false],
  ])('%s is one that is looked at: %s', (base, known) => expect(isKnownProgram(base)).toBe(known));
});
