/**
 * Programs of which OSV's Bitnami ecosystem speaks, by its names, of those that are told by their version strings
 * (scanner/catalogers/binaries). Of any other program without a package nobody speaks: that none of its faults is known says
 * nothing.
 */
export const spokenOfPrograms: ReadonlySet<string> = new Set([
  ...['apache', 'envoy', 'fluent-bit', 'git', 'haproxy', 'java', 'keydb', 'lua', 'mariadb', 'memcached'],
  ...['mongodb', 'nginx', 'node', 'openldap', 'openresty', 'pgbouncer', 'php', 'postgresql', 'python'],
  ...['redis', 'ruby', 'sqlite', 'valkey', 'varnish'],
]);
