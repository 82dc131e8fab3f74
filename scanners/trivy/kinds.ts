import type { PackageType } from '../../core/inventory.ts';

/** `Results[].Type` of language packages, by what they are here. Lock files and manifests of one language count alike. */
const languages: Readonly<Record<string, PackageType>> = {
  npm: 'npm',
  yarn: 'npm',
  pnpm: 'npm',
  bun: 'npm',
  'node-pkg': 'npm',
  javascript: 'npm',
  'python-pkg': 'pypi',
  pip: 'pypi',
  pipenv: 'pypi',
  poetry: 'pypi',
  uv: 'pypi',
  pylock: 'pypi',
  gobinary: 'golang',
  gomod: 'golang',
  jar: 'maven',
  pom: 'maven',
  gradle: 'maven',
  'gradle-lockfile': 'maven',
  'sbt-lockfile': 'maven',
  sbt: 'maven',
  gemspec: 'gem',
  bundler: 'gem',
  rustbinary: 'cargo',
  'rust-binary': 'cargo',
  cargo: 'cargo',
  composer: 'composer',
  'composer-vendor': 'composer',
  nuget: 'nuget',
  'dotnet-core': 'nuget',
  'packages-props': 'nuget',
  'packages-lock': 'nuget',
  bitnami: 'bitnami',
};

/** Null: Trivy has no advisories for it (`conda-pkg`), or nothing here is called so. */
export function languageOf(type: string): PackageType | null {
  return Object.hasOwn(languages, type) ? (languages[type] ?? null) : null;
}

/**
 * `Metadata.OS.Family` of systems that Trivy has advisories of. It lists packages of others as well, and finds nothing in
 * them.
 */
const families: ReadonlySet<string> = new Set([
  'alma',
  'alpine',
  'amazon',
  'azurelinux',
  'bottlerocket',
  'cbl-mariner',
  'centos',
  'chainguard',
  'debian',
  'echo',
  'minimos',
  'opensuse',
  'opensuse-leap',
  'opensuse-tumbleweed',
  'opensuse.leap',
  'opensuse.tumbleweed',
  'oracle',
  'photon',
  'redhat',
  'rocky',
  'slem',
  'suse linux enterprise micro',
  'suse linux enterprise server',
  'ubuntu',
  'wolfi',
]);

export function isCoveredFamily(family: string): boolean {
  return families.has(family);
}
