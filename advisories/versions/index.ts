import type { PackageType } from '../../core/inventory.ts';
import { apk } from './apk/index.ts';
import { bitnami } from './bitnami/index.ts';
import { composer } from './composer/index.ts';
import { deb } from './deb/index.ts';
import { gem } from './gem/index.ts';
import { go } from './go/index.ts';
import { maven } from './maven/index.ts';
import { nuget } from './nuget/index.ts';
import { pep440 } from './pep440/index.ts';
import { rpm } from './rpm/index.ts';
import type { VersionScheme } from './scheme.ts';
import { semver } from './semver/index.ts';

/** Every scheme there is; the contract test runs over this list. */
export const versionSchemes: readonly VersionScheme[] = [
  deb,
  apk,
  rpm,
  semver,
  pep440,
  maven,
  go,
  gem,
  composer,
  nuget,
  bitnami,
];

const byPackageType: Readonly<Record<PackageType, VersionScheme>> = {
  deb,
  apk,
  rpm,
  npm: semver,
  golang: go,
  pypi: pep440,
  maven,
  gem,
  cargo: semver,
  composer,
  nuget,
  // vercmp(8) and opkg descend from rpm's and dpkg's comparison.
  alpm: rpm,
  opkg: deb,
  conda: pep440,
  bitnami,
  generic: bitnami,
};

export function schemeOfPackageType(type: PackageType): VersionScheme {
  return byPackageType[type];
}

/** Of languages alone: records of distributions list versions where they have no range. */
const byEcosystem: ReadonlyMap<string, VersionScheme> = new Map([
  ['npm', semver],
  ['crates.io', semver],
  ['PyPI', pep440],
  ['Maven', maven],
  ['Go', go],
  ['RubyGems', gem],
  ['Packagist', composer],
  ['NuGet', nuget],
  ['Bitnami', bitnami],
]);

/** By which scheme the versions of an ecosystem are ordered; null: it is not told here. */
export function schemeOfEcosystem(ecosystem: string): VersionScheme | null {
  return byEcosystem.get(ecosystem.split(':', 1)[0] ?? '') ?? null;
}
