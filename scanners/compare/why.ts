import type { Coverage, Finding, MatchResult } from '../../core/finding.ts';
import { type Package, systemPackageTypes } from '../../core/inventory.ts';
import { idsOf, keyOfPackage, packageKey, versionKey } from './names.ts';

export interface Ground {
  readonly packages: readonly Package[];
  readonly ours: MatchResult;
  readonly theirs: MatchResult;
  readonly isKnown: (id: string) => boolean;
  /** Name of the other scanner. */
  readonly other: string;
}

/** Why the other scanner does not say it. */
export function whyOnlyOurs(finding: Finding, { theirs, other }: Ground): string {
  if (finding.kind === 'bugfix') return `it is about a bug, of which ${other} does not speak`;
  const gap = gapFor(finding, theirs.coverage);
  if (gap !== null) return `${other} has not looked at ${gap.ecosystem}`;
  const key = packageKey(finding);
  const sameId = theirs.findings.filter((one) => isSame(finding, one));
  const elsewhere = sameId.find(
    (one) =>
      one.source === finding.source ||
      packageKey(one) === packageKey({ ...finding, package: finding.source }),
  );
  if (elsewhere !== undefined) return `${other} names it for ${elsewhere.package} ${elsewhere.version}`;
  if (finding.status === 'undetermined') return 'the version cannot be compared here, so it may not apply';
  const versions = theirs.findings.filter((one) => packageKey(one) === key).map((one) => one.version);
  if (versions.length > 0 && !versions.some((one) => versionKey(one) === versionKey(finding.version))) {
    return `${other} has found ${finding.package} ${versions[0] ?? ''}, and not ${finding.version}`;
  }
  if (finding.fixedVersion === null) return `there is no fix: ${other} leaves it out, or does not know it`;
  if (versions.length > 0)
    return `${other} does not know the advisory, or takes the version for one without it`;
  return `${other} says nothing of ${finding.package}: it does not know the advisory, or has not found the package`;
}

/** Why the built-in scanner does not say it. */
export function whyOnlyTheirs(finding: Finding, { packages, ours, isKnown }: Ground): string {
  const key = packageKey(finding);
  const own = packages.filter((one) => keyOfPackage(one) === key);
  const there = own.find((one) => versionKey(one.version) === versionKey(finding.version));
  if (there === undefined) {
    const [first] = own;
    const sources = packages.some((one) => one.source.name.toLowerCase() === key);
    if (first !== undefined)
      return `found here is ${first.name} ${first.version}, and not ${finding.version}`;
    if (sources) return 'it is named for a source package, and here for what was built from it';
    return `no package ${finding.package} was found here`;
  }
  const gap = gapFor({ ...finding, packageType: there.type }, ours.coverage);
  if (gap !== null) return `no advisories of ${gap.ecosystem} have been imported here`;
  if (there.ownedBy !== undefined) {
    return `the distribution brought it with ${there.ownedBy}, and its word counts here`;
  }
  const elsewhere = ours.findings.find((one) => isSame(finding, one));
  if (elsewhere !== undefined) return `found here in ${elsewhere.package} ${elsewhere.version}`;
  if ([...idsOf(finding)].some(isKnown)) {
    return 'advisories here know it, and do not take this version for affected';
  }
  return 'no advisory here has this name';
}

function isSame(a: Finding, b: Finding): boolean {
  const ids = idsOf(a);
  return [...idsOf(b)].some((id) => ids.has(id));
}

/** The ecosystem that the finding's package belongs to, where nobody has looked at it. */
function gapFor(
  { packageType }: Pick<Finding, 'packageType'>,
  coverage: readonly Coverage[],
): Coverage | null {
  const isSystems = systemPackageTypes.has(packageType);
  const names = ecosystems[packageType];
  return (
    coverage.find(
      (entry) =>
        !entry.covered && (isSystems ? entry.release !== null : names?.includes(entry.ecosystem) === true),
    ) ?? null
  );
}

/** Only a system's ecosystems have releases; these are the others, in OSV's words. */
const ecosystems: Readonly<Partial<Record<Finding['packageType'], readonly string[]>>> = {
  npm: ['npm'],
  golang: ['Go'],
  pypi: ['PyPI'],
  maven: ['Maven'],
  gem: ['RubyGems'],
  cargo: ['crates.io'],
  composer: ['Packagist'],
  nuget: ['NuGet'],
  bitnami: ['Bitnami'],
  generic: ['Bitnami', 'generic'],
  conda: ['conda'],
};
