import type { Finding } from '../core/finding.ts';
import type { Severity } from '../core/severity.ts';
import type { Profile } from './profile.ts';

const severityRanks: Record<Severity, number> = {
  critical: 5,
  high: 4,
  unknown: 3,
  medium: 2,
  low: 1,
  negligible: 0,
};

const severityCount = 6;
/** Weights of findings are below it. */
const weights = 2 * 2 * severityCount * 2;

/** How bad a finding is, as one number. */
export function weightOf(finding: Finding): number {
  let weighed = Number(finding.kind === 'malware');
  weighed = weighed * 2 + Number(finding.kev === true);
  weighed = weighed * severityCount + severityRanks[finding.severity];
  return weighed * 2 + Number(finding.fixedVersion !== null);
}

/**
 * The first `most` positions of those given: what decides first, then the worst, then by name. Only so many are
 * sorted, because an image can have thousands of findings and a verdict shows fifty.
 * @param decisiveness 3: it denies, 2: undecided, 1: it warns, 0
 */
export function foremost(
  positions: readonly number[],
  profiles: readonly Profile[],
  decisiveness: (position: number) => number,
  most: number,
): readonly number[] {
  if (most === 0) return [];
  const buckets: (number[] | undefined)[] = new Array<undefined>(4 * weights).fill(undefined);
  for (const position of positions) {
    const profile = profiles[position];
    if (profile === undefined) continue;
    const key = decisiveness(position) * weights + profile.weight;
    const bucket = buckets[key];
    if (bucket === undefined) buckets[key] = [position];
    else bucket.push(position);
  }
  const first: number[] = [];
  for (let key = buckets.length - 1; key >= 0 && first.length < most; key -= 1) {
    const bucket = buckets[key];
    if (bucket === undefined) continue;
    if (bucket.length === 1) first.push(...bucket);
    else first.push(...leastNames(bucket, profiles, most - first.length));
  }
  return first;
}

/** The first by name, kept sorted while the rest goes by. */
function leastNames(
  positions: readonly number[],
  profiles: readonly Profile[],
  most: number,
): readonly number[] {
  const kept: number[] = [];
  const before = (one: Profile, position: number | undefined): boolean => {
    const other = position === undefined ? undefined : profiles[position];
    return other !== undefined && compare(one, other) < 0;
  };
  for (const position of positions) {
    const profile = profiles[position];
    if (profile === undefined) continue;
    if (kept.length >= most && !before(profile, kept.at(-1))) continue;
    let [low, high] = [0, kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(profile, kept[middle])) high = middle;
      else low = middle + 1;
    }
    kept.splice(low, 0, position);
    if (kept.length > most) kept.pop();
  }
  return kept;
}

function compare(a: Profile, b: Profile): number {
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
