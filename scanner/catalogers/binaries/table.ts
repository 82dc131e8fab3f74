/** Where a program tells its version: a text that is searched for, and a pattern on what is around it. */
export interface Clue {
  readonly anchor: string;
  /** Its first group is the version. Runs over Latin-1 text of bounded length. */
  readonly pattern: RegExp;
  /** Bytes before the anchor's start and from it on that the pattern sees. */
  readonly before?: number;
  readonly after?: number;
}

/** A program that is told by its version string. */
export interface Row {
  /** As OSV's Bitnami ecosystem names it, where that knows it (core/program-names.ts). */
  readonly name: string;
  /** Names of files (names.ts `plainName`). */
  readonly files: readonly string[];
  /** The first that is found counts. `numbers`: what the file's name has of a version. */
  readonly clues: (numbers: string) => readonly Clue[];
  /** The version as advisories write it; as it was found where this is left out. */
  readonly write?: (version: string) => string;
}

const always =
  (...clues: readonly Clue[]) =>
  (): readonly Clue[] =>
    clues;

/**
 * What `make` of Redis writes down of a build: version, host and time, then that no file of a repository was changed. The host
 * of an image's build is twelve hexadecimal digits or a name.
 */
const redisBuild = always(
  {
    anchor: '000000000\0',
    before: 120,
    after: 10,
    pattern: /(?:^|[^0-9.])([0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,3})[0-9a-f]{12}-[0-9]{10}0{9}\0$/,
  },
  {
    anchor: '000000000\0',
    before: 120,
    after: 10,
    pattern: /(?:^|[^0-9.])([0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,3})[A-Za-z][\w.-]{0,70}-[0-9]{10}0{9}\0$/,
  },
  { anchor: 'Redis version ', pattern: /^Redis version ([0-9]+\.[0-9]+\.[0-9]+)/ },
);

const php = /^X-Powered-By: PHP\/([0-9]+\.[0-9]+\.[0-9]+(?:(?:alpha|beta|RC)[0-9]+)?)/;
const openssl =
  /^OpenSSL ([0-9]+\.[0-9]+\.[0-9]+[a-z]{0,2}(?:-(?:alpha|beta|pre|rc)[0-9]+)?) +(?:FIPS |fips )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4}/;

export const rows: readonly Row[] = [
  {
    name: 'node',
    files: ['node', 'nodejs', 'libnode.so'],
    clues: always(
      { anchor: 'node.js/v', pattern: /^node\.js\/v([0-9]+\.[0-9]+\.[0-9]+)/ },
      { anchor: '/download/release/v', pattern: /^\/download\/release\/v([0-9]+\.[0-9]+\.[0-9]+)\// },
    ),
  },
  {
    name: 'python',
    files: ['python', 'libpython.so'],
    // The version stands alone, as those of linked libraries do: only one that goes with the file's name is Python's.
    clues: (numbers) => {
      if (!/^[23]\.[0-9]{1,2}$/.test(numbers)) return [];
      const pattern = /^\0([0-9]\.[0-9]{1,2}\.[0-9]{1,2}(?:(?:a|b|rc)[0-9]{1,2})?)\+?\0/;
      return [{ anchor: `\0${numbers}.`, pattern }];
    },
  },
  {
    name: 'java',
    files: ['libjvm.so'],
    clues: always({ anchor: ' JRE (', pattern: /^ JRE \(([0-9][0-9._]*)[-+)]/ }),
    write: javaVersion,
  },
  {
    name: 'nginx',
    files: ['nginx', 'openresty'],
    clues: always({
      anchor: 'nginx version: ',
      pattern: /^nginx version: (?:nginx|openresty)\/([0-9]+\.[0-9]+\.[0-9]+)/,
    }),
  },
  {
    name: 'openresty',
    files: ['nginx', 'openresty'],
    clues: always({
      anchor: 'nginx version: openresty/',
      pattern: /^nginx version: openresty\/([0-9]+(?:\.[0-9]+){2,3})/,
    }),
  },
  { name: 'redis', files: ['redis-server'], clues: redisBuild },
  { name: 'valkey', files: ['valkey-server'], clues: redisBuild },
  {
    name: 'postgresql',
    files: ['postgres'],
    clues: always({
      anchor: 'postgres (PostgreSQL) ',
      pattern: /^postgres \(PostgreSQL\) ([0-9]+(?:\.[0-9]+){0,2}(?:(?:alpha|beta|rc)[0-9]+)?)/,
    }),
  },
  {
    name: 'mysql',
    files: ['mysqld', 'mysql'],
    clues: always({ anchor: '/mysql-', pattern: /^\/mysql-([0-9]+\.[0-9]+\.[0-9]+)[-/]/ }),
  },
  {
    name: 'mariadb',
    files: ['mariadbd', 'mariadb', 'mysqld', 'mysql'],
    clues: always({
      anchor: '-MariaDB',
      before: 16,
      pattern: /(?:^|[^0-9.])([0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,3})-MariaDB/,
    }),
  },
  {
    name: 'mongodb',
    files: ['mongod', 'mongos'],
    clues: always(
      ...['\0cppdefines', '\0heap_size', '\0tcmalloc'].map((anchor) => ({
        anchor,
        before: 24,
        after: 1,
        pattern: /(?:^|[^0-9.])([0-9]+\.[0-9]+\.[0-9]+)\0+$/,
      })),
    ),
  },
  {
    name: 'apache',
    files: ['httpd', 'apache'],
    clues: always({ anchor: 'Apache/', pattern: /^Apache\/([0-9]+\.[0-9]+\.[0-9]+)/ }),
  },
  {
    name: 'php',
    files: ['php', 'php-fpm', 'php-cgi', 'libphp.so'],
    clues: always({ anchor: 'X-Powered-By: PHP/', pattern: php }),
  },
  {
    name: 'ruby',
    files: ['ruby', 'libruby.so'],
    clues: always({
      anchor: 'ruby ',
      pattern: /^ruby ([0-9]+\.[0-9]+\.[0-9]+(?:(?:preview|rc)[0-9]+|dev)?)(?:p[0-9]+)? \(20/,
    }),
  },
  {
    name: 'perl',
    files: ['perl', 'libperl.so'],
    clues: always(
      { anchor: '/lib/perl5/', pattern: /^\/lib\/perl5\/(5\.[0-9]+\.[0-9]+)(?:[\0/]|$)/ },
      { anchor: '/perl5/site_perl/', pattern: /^\/perl5\/site_perl\/(5\.[0-9]+\.[0-9]+)(?:[\0/]|$)/ },
    ),
  },
  {
    name: 'busybox',
    // Of hundreds of hard links the first in an archive holds the program, and `[` is the first by name.
    files: ['busybox', '[', '[['],
    clues: always({ anchor: 'BusyBox v', pattern: /^BusyBox v([0-9]+\.[0-9]+\.[0-9]+)/ }),
  },
  {
    name: 'openssl',
    files: ['openssl', 'libcrypto.so', 'libssl.so'],
    clues: always({ anchor: 'OpenSSL ', pattern: openssl }),
  },
  {
    name: 'curl',
    files: ['curl', 'libcurl.so'],
    clues: always(
      { anchor: 'libcurl/', pattern: /^libcurl\/([0-9]+\.[0-9]+\.[0-9]+)/ },
      { anchor: 'curl/', pattern: /^curl\/([0-9]+\.[0-9]+\.[0-9]+)/ },
    ),
  },
  {
    name: 'git',
    files: ['git'],
    clues: always({
      anchor: 'git/',
      pattern: /^git\/([0-9]+\.[0-9]+\.[0-9]+(?:\.rc[0-9]+|\.[0-9]+)?)(?:[^0-9.]|$)/,
    }),
  },
  {
    name: 'bash',
    files: ['bash'],
    clues: always({
      anchor: '@(#)Bash version ',
      pattern: /^@\(#\)Bash version ([0-9]+\.[0-9]+\.[0-9]+)\(/,
    }),
  },
  {
    name: 'haproxy',
    files: ['haproxy'],
    clues: always(
      {
        anchor: ', released 20',
        before: 48,
        after: 1,
        pattern: /ersion ([0-9]+\.[0-9]+(?:\.|-dev|-rc)[0-9]+)(?:-[0-9a-f]{6,12})?,$/,
      },
      {
        anchor: 'HAProxy version ',
        before: 600,
        after: 1,
        pattern: /\0([0-9]+\.[0-9]+(?:\.|-dev|-rc)[0-9]+)(?:-[0-9a-f]{6,12})?\0/,
      },
      { anchor: 'HA-Proxy version ', pattern: /^HA-Proxy version ([0-9]+\.[0-9]+(?:\.|-dev)[0-9]+)/ },
    ),
  },
  {
    name: 'memcached',
    files: ['memcached'],
    clues: always({ anchor: 'memcached ', pattern: /^memcached ([0-9]+\.[0-9]+\.[0-9]+)/ }),
  },
  {
    name: 'varnish',
    files: ['varnishd'],
    clues: always({ anchor: 'varnish-', pattern: /^varnish-([0-9]+\.[0-9]+\.[0-9]+)/ }),
  },
  {
    name: 'envoy',
    files: ['envoy'],
    clues: always(
      ...['envoy_reloadable_features', 'envoy.reloadable_features'].map((anchor) => ({
        anchor,
        before: 1000,
        after: 1,
        pattern: /\0(1\.[1-9][0-9]\.[0-9]{1,2}(?:-dev)?)\0/,
      })),
      { anchor: 'envoy_quic_', after: 1000, pattern: /\0(1\.[1-9][0-9]\.[0-9]{1,2}(?:-dev)?)\0/ },
    ),
  },
  {
    name: 'fluent-bit',
    files: ['fluent-bit'],
    clues: always({
      anchor: 'Fluent',
      before: 24,
      after: 1,
      pattern: /\0([0-9]+\.[0-9]+\.[0-9]+)\0{1,4}(?:%s)?F$/,
    }),
  },
  {
    name: 'pgbouncer',
    files: ['pgbouncer'],
    clues: always({ anchor: 'PgBouncer ', pattern: /^PgBouncer ([0-9]+\.[0-9]+\.[0-9]+)/ }),
  },
  {
    name: 'openldap',
    files: ['slapd'],
    clues: always({ anchor: '$OpenLDAP: slapd ', pattern: /^\$OpenLDAP: slapd ([0-9]+\.[0-9]+\.[0-9]+)/ }),
  },
  {
    name: 'lua',
    files: ['lua', 'liblua.so'],
    clues: always({ anchor: 'Lua 5.', pattern: /^Lua (5\.[0-9]\.[0-9]{1,2}) +Copyright/ }),
  },
  {
    name: 'sqlite',
    files: ['sqlite', 'libsqlite.so'],
    clues: always({ anchor: '\x003.', pattern: /^\0(3\.[0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?)\0/ }),
  },
  {
    name: 'erlang',
    files: ['beam.smp'],
    clues: always(
      { anchor: '/otp_src_', pattern: /^\/otp_src_([0-9]+\.[0-9]+(?:\.[0-9]+){0,2}(?:-rc[0-9])?)\// },
      { anchor: '/src/otp-', pattern: /^\/src\/otp-([0-9]+\.[0-9]+(?:\.[0-9]+){0,2}(?:-rc[0-9])?)\// },
      { anchor: 'Erlang/OTP', before: 40, after: 1, pattern: /\0([0-9]+\.[0-9]+(?:\.[0-9]+){0,2})\0+E$/ },
    ),
  },
];

/** Java 8 calls itself 1.8.0_392; advisories write 8.0.392. */
export function javaVersion(version: string): string {
  const old = /^1\.([0-9])\.([0-9]+)(?:_([0-9]+))?$/.exec(version);
  if (old === null) return version;
  const [, feature = '', interim = '', update = '0'] = old;
  return `${feature}.${interim}.${Number(update)}`;
}
