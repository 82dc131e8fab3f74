import type { PackageType } from '../../core/inventory.ts';
import { apk } from './apk/index.ts';
import { deb } from './deb/index.ts';
import { go } from './go/index.ts';
import { maven } from './maven/index.ts';
import { pep440 } from './pep440/index.ts';
import { rpm } from './rpm/index.ts';
import type { VersionScheme } from './scheme.ts';
import { semver } from './semver/index.ts';

/** Every scheme there is; the contract test runs over this list. */
export const versionSchemes: readonly VersionScheme[] = [deb, apk, rpm, semver, pep440, maven, go];

const byPackageType: Readonly<Record<PackageType, VersionScheme>> = {
  deb,
  apk,
  rpm,
  npm: semver,
  golang: go,
  pypi: pep440,
  maven,
};

export function schemeOfPackageType(type: PackageType): VersionScheme {
  return byPackageType[type];
}

const byEcosystem: ReadonlyMap<string, VersionScheme> = new Map([
  ['Debian', deb],
  ['Ubuntu', deb],
  ['Alpine', apk],
  ['Wolfi', apk],
  ['Chainguard', apk],
  ['AlmaLinux', rpm],
  ['Rocky Linux', rpm],
  ['Red Hat', rpm],
  ['npm', semver],
  ['PyPI', pep440],
  ['Maven', maven],
  ['crates.io', semver],
  ['Go', go],
]);

/** The scheme of an OSV ecosystem, with or without a release (`Debian:12`); null for one without a comparator. */
export function schemeOfEcosystem(ecosystem: string): VersionScheme | null {
  const colon = ecosystem.indexOf(':');
  return byEcosystem.get(colon < 0 ? ecosystem : ecosystem.slice(0, colon)) ?? null;
}
