import type { MatchResult } from '../../core/finding.ts';
import type { Inventory } from '../../core/inventory.ts';
import {
  assembleMatch,
  countPackages,
  ownersIn,
  type PackageFound,
  type PackageMatches,
  packageIdentity,
} from '../../core/match.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { groundOf } from './ground.ts';
import { defaultMatchLimits, type MatchLimits, refuseMore } from './limits.ts';
import { PackageMatcher } from './packages.ts';

export { groundOf } from './ground.ts';
export { type Known, withKnown } from './known.ts';
export { PackageMatcher } from './packages.ts';
export { subjectKeysOf, withAnyGroup } from './subjects.ts';

/** What matching looks at. */
export type Matched = Pick<Inventory, 'os' | 'packages'>;

/**
 * Which advisories apply to the packages of an inventory, worst first, and what the index cannot tell. Depends
 * on its arguments alone.
 * @throws PratiqueError `limit-exceeded`
 */
export function matchInventory(
  inventory: Inventory,
  index: AdvisoryIndex,
  limits: MatchLimits = defaultMatchLimits,
): MatchResult {
  return assembleMatch(countPackages(inventory.packages), matchPackages(inventory, index, limits));
}

/**
 * The same, package by package.
 * @throws PratiqueError `limit-exceeded`
 */
export function matchPackages(
  { os, packages }: Matched,
  index: AdvisoryIndex,
  limits: MatchLimits = defaultMatchLimits,
): PackageMatches {
  const matcher = new PackageMatcher(index, limits);
  const ownersOf = ownersIn(packages);
  const known = new Map<string, PackageFound>();
  let count = 0;
  const found = packages.map((one) => {
    const owners = ownersOf(one);
    const identity = packageIdentity(os, one, owners);
    const before = known.get(identity);
    if (before !== undefined) return before;
    const its = matcher.find(os, one, owners);
    known.set(identity, its);
    count += its.findings.length;
    refuseMore('findings', count, limits.findings);
    return its;
  });
  return { revision: index.revision, ground: groundOf(os, index), packages: found };
}
