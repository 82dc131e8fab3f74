import { displayId, type Finding } from '../core/finding.ts';
import type { Severity } from '../core/severity.ts';

const severityRanks: Record<Severity, number> = {
  critical: 5,
  high: 4,
  unknown: 3,
  medium: 2,
  low: 1,
  negligible: 0,
};

/** How decisive and how bad a finding is, as one number. @param decisiveness 3: it denies, 2: undecided, 1: it warns, 0 */
function weight(finding: Finding, decisiveness: number): number {
  let weighed = decisiveness * 2 + Number(finding.kind === 'malware');
  weighed = weighed * 2 + Number(finding.kev === true);
  weighed = weighed * 6 + severityRanks[finding.severity];
  return weighed * 2 + Number(finding.fixedVersion !== null);
}

/**
 * The first `most` positions of those given: what decides first, then the worst, then by name. Only so many are
 * sorted, because an image can have thousands of findings and a verdict shows fifty.
 */
export function foremost(
  positions: readonly number[],
  findings: readonly Finding[],
  decisiveness: (position: number) => number,
  most: number,
): readonly number[] {
  const buckets = new Map<number, number[]>();
  for (const position of positions) {
    const finding = findings[position];
    if (finding === undefined) continue;
    const key = weight(finding, decisiveness(position));
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [position]);
    else bucket.push(position);
  }
  const first: number[] = [];
  for (const key of [...buckets.keys()].sort((a, b) => b - a)) {
    if (first.length >= most) break;
    first.push(...leastNames(buckets.get(key) ?? [], findings, most - first.length));
  }
  return first;
}

/** The first by name, kept sorted while the rest goes by. */
function leastNames(
  positions: readonly number[],
  findings: readonly Finding[],
  most: number,
): readonly number[] {
  const kept: { readonly position: number; readonly finding: Finding; readonly name: string }[] = [];
  for (const position of positions) {
    const finding = findings[position];
    if (finding === undefined) continue;
    const item = { position, finding, name: displayId(finding) };
    const last = kept.at(-1);
    if (kept.length >= most && last !== undefined && compare(item, last) >= 0) continue;
    let [low, high] = [0, kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = kept[middle];
      if (other !== undefined && compare(item, other) < 0) high = middle;
      else low = middle + 1;
    }
    kept.splice(low, 0, item);
    if (kept.length > most) kept.pop();
  }
  return kept.map(({ position }) => position);
}

interface Named {
  readonly finding: Finding;
  readonly name: string;
}

function compare(a: Named, b: Named): number {
  return (
    compareText(a.name, b.name) ||
    compareText(a.finding.package, b.finding.package) ||
    compareText(a.finding.version, b.finding.version) ||
    compareText(a.finding.id, b.finding.id)
  );
}

/** By code unit, so that the order is the same on every machine. */
function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
