import type { Advisory, AffectedPackage } from '../core/ports/advisories.ts';
import { evaluate } from './match/evaluate.ts';
import { schemeOfEcosystem } from './versions/index.ts';
import type { VersionScheme } from './versions/scheme.ts';

/**
 * The advisory without listed versions that one of its ranges holds anyway: most records list every release beside the
 * range, some hundreds, and each would be looked at for each package. What a range does not hold, or cannot be compared,
 * stays listed, so that nothing is affected otherwise.
 */
export function withoutRedundantVersions(advisory: Advisory): Advisory {
  if (!advisory.affected.some(isBoth)) return advisory;
  return { ...advisory, affected: advisory.affected.map(reduced) };
}

function isBoth({ ranges, versions }: AffectedPackage): boolean {
  return ranges.length > 0 && versions.length > 0;
}

function reduced(affected: AffectedPackage): AffectedPackage {
  const scheme = schemeOfEcosystem(affected.ecosystem);
  if (scheme === null || !isBoth(affected)) return affected;
  return { ...affected, versions: leftOf(affected, scheme) };
}

function leftOf(affected: AffectedPackage, scheme: VersionScheme): readonly string[] {
  const ranged = { ...affected, versions: [] };
  return affected.versions.filter((version) => evaluate(ranged, version, scheme).state !== 'affected');
}
