import { schemeOfPackageType } from '../../advisories/versions/index.ts';
import { displayId, type Finding } from '../../core/finding.ts';
import { compareSeverity, type Severity } from '../../core/severity.ts';

/** One step that ends several findings. */
export interface Upgrade {
  /** What the packages were built from. */
  readonly source: string;
  /** The packages themselves, each once. */
  readonly packages: readonly string[];
  readonly from: string;
  /** The highest of the versions in which the findings are fixed. */
  readonly to: string;
  /** How many advisories it ends, each counted once. */
  readonly fixes: number;
  readonly worst: Severity;
}

/** Of those findings that have a fix, by what has to be upgraded: what ends the worst and the most first. */
export function upgradesOf(findings: readonly Finding[]): readonly Upgrade[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.fixedVersion === null || finding.kind === 'bugfix') continue;
    const key = `${finding.packageType}\n${finding.source}\n${finding.version}`;
    const others = groups.get(key);
    if (others === undefined) groups.set(key, [finding]);
    else others.push(finding);
  }
  return [...groups.values()]
    .flatMap((group) => upgradeOf(group) ?? [])
    .sort((a, b) => compareSeverity(a.worst, b.worst) || b.fixes - a.fixes || (a.source < b.source ? -1 : 1));
}

/** null: a single finding has its fix beside it, and versions that cannot be compared have no highest. */
function upgradeOf(group: readonly Finding[]): Upgrade | null {
  const [first] = group;
  const fixes = new Set(group.map(displayId)).size;
  if (first === undefined || fixes < 2) return null;
  const { compare } = schemeOfPackageType(first.packageType);
  let to: string | null = null;
  for (const { fixedVersion } of group) {
    if (fixedVersion === null) continue;
    const order: number | null = to === null ? 1 : compare(fixedVersion, to);
    if (order === null) return null;
    if (order > 0) to = fixedVersion;
  }
  const [worst = first.severity] = group.map(({ severity }) => severity).sort(compareSeverity);
  const packages = [...new Set(group.map((finding) => finding.package))].sort();
  return to === null ? null : { source: first.source, packages, from: first.version, to, fixes, worst };
}
