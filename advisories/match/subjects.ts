import type { OperatingSystem, Package } from '../../core/inventory.ts';
import { caselessName } from '../../core/package-name.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { normalisedPythonName } from '../../core/python-name.ts';
import { ecosystemOf, namesOf } from '../ecosystems.ts';
import { kernelSource } from './kernels.ts';
import { artifactsOf, mavenNames } from './maven.ts';

/** Under which names advisories speak of a package, and which of its versions they mean. */
export interface Subject {
  readonly names: readonly string[];
  readonly version: string;
  /** False: advisories under these names may be about another package. */
  readonly certain: boolean;
}

export function subjectOf(one: Package, index: AdvisoryIndex): Subject {
  const known = plainNames(one);
  if (known === null) return { ...mavenNames(one, index), version: one.version };
  const version = one.type === 'deb' ? kernelSource(one.source).version : one.version;
  return { names: known, version, certain: true };
}

/** null: a Java package that tells no group, whose names depend on what advisories there are. */
function plainNames(one: Package): readonly string[] | null {
  switch (one.type) {
    case 'deb':
      // Advisories of Debian and its kin speak of sources.
      return [kernelSource(one.source).name];
    case 'apk':
      // Advisories are filed under the origin; some feeds also speak of a subpackage by its own name.
      return [...new Set([one.source.name, one.name])];
    case 'pypi':
      return [normalisedPythonName(one.name)];
    case 'maven':
      return one.name.includes(':') ? [one.name] : null;
    case 'composer':
    case 'nuget':
      return [caselessName(one.name)];
    case 'rpm':
    case 'npm':
    case 'golang':
    case 'gem':
    case 'cargo':
    case 'alpm':
    case 'opkg':
    case 'conda':
    case 'bitnami':
    case 'generic':
      return [one.name];
  }
}

/**
 * Everything that a new revision can say of a package, as `ECOSYSTEM\nNAME`: where it says the same as the one before
 * under each of these, the package has the same findings. A Java package without a group is spoken of by every
 * group's artifact of its name: `Maven\n*:ARTIFACT`. What the distribution says of a package's owners counts as well.
 */
export function subjectKeysOf(
  os: OperatingSystem | null,
  one: Package,
  owners: readonly Package[],
): readonly string[] {
  const of = ecosystemOf(os, one);
  if (!of.known) return [];
  const names = plainNames(one) ?? artifactsOf(one).map((artifact) => `${anyGroup}${artifact}`);
  const own = namesOf(of).flatMap((ecosystem) => names.map((name) => `${ecosystem}\n${name}`));
  return [...own, ...owners.flatMap((owner) => subjectKeysOf(os, owner, []))];
}

/** What changed, with the names under which packages without a group are found. */
export function withAnyGroup(changed: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set(changed);
  for (const key of changed) {
    if (key.startsWith(mavenKey)) all.add(`${mavenKey}${anyGroup}${key.slice(key.lastIndexOf(':') + 1)}`);
  }
  return all;
}

const mavenKey = 'Maven\n';
const anyGroup = '*:';
