import type { TarEntry } from './tar.ts';

export interface SystemPackage {
  readonly name: string;
  readonly version: string;
  readonly arch?: string;
  /** dpkg `Source:` (may carry a version in brackets) or apk origin; the package itself if left out. */
  readonly source?: string;
  /** dpkg `Status:`; `install ok installed` if left out. */
  readonly status?: string;
  /** Clean paths of files that it owns; dpkg's list or apk's lines name them, the files themselves are the test's. */
  readonly files?: readonly string[];
}

export interface SystemRoot {
  /** `VERSION_ID`: `12`, `3.19.4`; null leaves the line out, as Debian's testing does. */
  readonly release: string | null;
  readonly packages: readonly SystemPackage[];
}

/** The files by which a Debian image is known: os-release and dpkg's status. */
export function debianRoot(root: SystemRoot): TarEntry[] {
  return [
    { path: 'etc/os-release', content: osRelease('debian', 'Debian GNU/Linux', root.release) },
    { path: 'var/lib/dpkg/status', content: root.packages.map(dpkgParagraph).join('\n') },
    ...root.packages.flatMap(({ name, files }) =>
      files === undefined
        ? []
        : [
            {
              path: `var/lib/dpkg/info/${name}.list`,
              content: ['/.', ...files.map((one) => `/${one}`), ''].join('\n'),
            },
          ],
    ),
  ];
}

/** The files by which an Alpine image is known: os-release and apk's database of installed packages. */
export function alpineRoot(root: SystemRoot): TarEntry[] {
  return [
    { path: 'etc/os-release', content: osRelease('alpine', 'Alpine Linux', root.release) },
    { path: 'lib/apk/db/installed', content: root.packages.map(apkParagraph).join('\n') },
  ];
}

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** Where its `node_modules` lies; `app` if left out. */
  readonly under?: string;
}

/** One `package.json` per package, each in its place below a `node_modules`. */
export function npmPackages(packages: readonly NpmPackage[]): TarEntry[] {
  return packages.map(({ name, version, under }) => ({
    path: `${under ?? 'app'}/node_modules/${name}/package.json`,
    content: `${JSON.stringify({ name, version, license: 'MIT' }, null, 2)}\n`,
  }));
}

function osRelease(id: string, name: string, release: string | null): string {
  const versionId = release === null ? [] : [`VERSION_ID="${release}"`];
  return [`PRETTY_NAME="${name} ${release ?? ''}"`, `NAME="${name}"`, ...versionId, `ID=${id}`, ''].join(
    '\n',
  );
}

function dpkgParagraph(entry: SystemPackage): string {
  return [
    `Package: ${entry.name}`,
    `Status: ${entry.status ?? 'install ok installed'}`,
    'Priority: optional',
    'Section: libs',
    'Maintainer: Nobody <nobody@example.org>',
    `Architecture: ${entry.arch ?? 'amd64'}`,
    ...(entry.source === undefined ? [] : [`Source: ${entry.source}`]),
    `Version: ${entry.version}`,
    `Description: ${entry.name}`,
    ' built for a test',
    '',
  ].join('\n');
}

function apkParagraph(entry: SystemPackage): string {
  return [
    `P:${entry.name}`,
    `V:${entry.version}`,
    `A:${entry.arch ?? 'x86_64'}`,
    `T:${entry.name}`,
    'L:MIT',
    `o:${entry.source ?? entry.name}`,
    ...(entry.files ?? []).flatMap((path) => {
      const slash = path.lastIndexOf('/');
      return [`F:${path.slice(0, Math.max(slash, 0))}`, `R:${path.slice(slash + 1)}`, 'Z:Q1abc='];
    }),
    '',
  ].join('\n');
}
