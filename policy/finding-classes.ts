import type { Finding, FindingKind, FindingStatus } from '../core/finding.ts';
import { type PackageType, packageTypes } from '../core/inventory.ts';
import type { Severity } from '../core/severity.ts';

const kinds: Record<FindingKind, number> = { vulnerability: 0, malware: 1, bugfix: 2 };
const severities: Record<Severity, number> = {
  critical: 0,
  high: 1,
  medium: 2,
  low: 3,
  negligible: 4,
  unknown: 5,
};
const statuses: Record<FindingStatus, number> = {
  affected: 0,
  fixed: 1,
  will_not_fix: 2,
  under_investigation: 3,
  undetermined: 4,
};

/** Names what most conditions look at by one number: an image has thousands of findings of a few dozen classes. */
export function classOf(finding: Finding): number {
  let code = kinds[finding.kind];
  code = code * 6 + severities[finding.severity];
  code = code * 5 + statuses[finding.status];
  code = code * packageTypes.length + typeIndex(finding.packageType);
  code = code * 2 + Number(finding.fixedVersion !== null);
  return code * 3 + (finding.kev === null ? 2 : Number(finding.kev));
}

const typeIndices: ReadonlyMap<PackageType, number> = new Map(
  packageTypes.map((type, index) => [type, index]),
);

function typeIndex(type: PackageType): number {
  return typeIndices.get(type) ?? 0;
}
