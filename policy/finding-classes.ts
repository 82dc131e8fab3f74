import type { Finding, FindingKind, FindingStatus } from '../core/finding.ts';
import { type PackageType, packageTypes } from '../core/inventory.ts';
import type { Severity } from '../core/severity.ts';

/**
 * Findings grouped by what most conditions look at, and the times they name read once: an image has thousands of
 * findings of a few dozen classes, and a policy has dozens of rules.
 */
export interface FindingTable {
  readonly findings: readonly Finding[];
  /** The class of each finding. */
  readonly classes: Uint16Array;
  /** One finding of each class. */
  readonly examples: readonly Finding[];
  /** Milliseconds since 1970; NaN: nobody says. */
  readonly published: Float64Array;
  readonly fixedSince: Float64Array;
}

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

export function tableOf(findings: readonly Finding[]): FindingTable {
  const classes = new Uint16Array(findings.length);
  const published = new Float64Array(findings.length);
  const fixedSince = new Float64Array(findings.length);
  const examples: Finding[] = [];
  const known = new Map<number, number>();
  const times = new Map<string, number>();
  const time = (text: string | null): number => {
    if (text === null) return Number.NaN;
    const read = times.get(text) ?? Date.parse(text);
    times.set(text, read);
    return read;
  };
  findings.forEach((finding, position) => {
    const code = codeOf(finding);
    let index = known.get(code);
    if (index === undefined) {
      index = examples.push(finding) - 1;
      known.set(code, index);
    }
    classes[position] = index;
    published[position] = time(finding.published);
    fixedSince[position] = time(finding.fixedSince);
  });
  return { findings, classes, examples, published, fixedSince };
}

function codeOf(finding: Finding): number {
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
