import type { SecdbDialect } from '../secdb/parse.ts';

/** What a file of Alpine's security database is about, by its place: `v3.19/main.json`. */
export interface AlpineFile {
  readonly release: string;
  readonly repository: string;
}

/** Null for a path that is none of the database's. */
export function alpineFile(path: string): AlpineFile | null {
  const match = /^(v3\.[0-9]{1,3}|edge)\/(main|community)\.json$/.exec(path);
  const [, release, repository] = match ?? [];
  return release === undefined || repository === undefined ? null : { release, repository };
}

/** The names of osv.dev, which converts the same database: `Alpine:v3.19`, `ALPINE-CVE-2021-1234`. */
export function alpineDialect(file: AlpineFile, url: string): SecdbDialect {
  return {
    ecosystem: `Alpine:${file.release}`,
    cveId: (cve) => `ALPINE-${cve}`,
    // The tracker has pages for CVEs alone.
    url: (name) => (name.startsWith('CVE-') ? `https://security.alpinelinux.org/vuln/${name}` : url),
  };
}
