import type { AffectedPackage, RangeEvent } from '../../core/ports/advisories.ts';
import type { VersionScheme } from '../versions/scheme.ts';

/**
 * What an advisory says of one version. `fixed`: the version that ends it, null where none does; where nothing
 * can be compared, the newest fix that the advisory names.
 */
export type Evaluation =
  | { readonly state: 'affected'; readonly fixed: string | null }
  | { readonly state: 'undetermined'; readonly fixed: string | null }
  | { readonly state: 'unaffected' };

const unaffected: Evaluation = { state: 'unaffected' };

/**
 * Evaluates a version against what an OSV record says of a package (OSV schema, "Evaluation"). What cannot be
 * compared, or names no version at all, is `undetermined`.
 */
export function evaluate(affected: AffectedPackage, version: string, scheme: VersionScheme): Evaluation {
  let fixed: string | null = null;
  let inRange = false;
  let doubt = affected.ranges.length === 0 && affected.versions.length === 0;
  for (const events of affected.ranges) {
    const one = evaluateRange(events, version, scheme);
    if (one === 'undetermined') doubt = true;
    if (typeof one === 'string') continue;
    inRange = true;
    fixed = laterVersion(fixed, one.fixed, scheme);
  }
  if (inRange) return { state: 'affected', fixed };
  const listed = isListed(affected.versions, version, scheme);
  if (listed === true) return { state: 'affected', fixed: firstFixAfter(affected, version, scheme) };
  return doubt || listed === null
    ? { state: 'undetermined', fixed: newestFix(affected, scheme) }
    : unaffected;
}

/** The newer of two versions; a version where the other is null. */
export function laterVersion(a: string | null, b: string | null, scheme: VersionScheme): string | null {
  if (a === null || b === null) return a ?? b;
  return (scheme.compare(a, b) ?? 0) < 0 ? b : a;
}

/** Exact: the same text, or another spelling of the same version. Null: the version itself is no version. */
function isListed(versions: readonly string[], version: string, scheme: VersionScheme): boolean | null {
  if (versions.length === 0) return false;
  if (versions.includes(version)) return true;
  if (scheme.compare(version, version) === null) return null;
  return versions.some(
    (listed) => scheme.mayEqual?.(listed, version) !== false && scheme.compare(listed, version) === 0,
  );
}

interface Point {
  readonly event: RangeEvent;
  /** Null is before every version (`introduced: "0"`). */
  readonly at: string | null;
}

function pointOf(event: RangeEvent): Point {
  if ('introduced' in event) return { event, at: event.introduced === '0' ? null : event.introduced };
  if ('fixed' in event) return { event, at: event.fixed };
  if ('lastAffected' in event) return { event, at: event.lastAffected };
  return { event, at: event.limit === '*' ? null : event.limit };
}

/** Sorted by version, ties in the feed's order; null when a version in it cannot be compared. */
function sorted(points: readonly Point[], scheme: VersionScheme): readonly Point[] | null {
  let comparable = true;
  const result = points.toSorted((a, b) => {
    if (a.at === null || b.at === null) return Number(b.at === null) - Number(a.at === null);
    const order = scheme.compare(a.at, b.at);
    if (order === null) comparable = false;
    return order ?? 0;
  });
  return comparable ? result : null;
}

/** Whether `version` has reached the point; null when they cannot be compared. */
function orderAt(version: string, point: Point, scheme: VersionScheme): number | null {
  return point.at === null ? 1 : scheme.compare(version, point.at);
}

type InRange = { readonly fixed: string | null } | 'outside' | 'undetermined';

function evaluateRange(events: readonly RangeEvent[], version: string, scheme: VersionScheme): InRange {
  // Everything from the first version on, with no end: true of any text.
  const only = events.length === 1 ? events[0] : undefined;
  if (only !== undefined && 'introduced' in only && only.introduced === '0') {
    return { fixed: null };
  }
  const points = sorted(events.map(pointOf), scheme);
  if (points === null) return 'undetermined';
  let inside = false;
  let fixed: string | null = null;
  let limited = false;
  let withinLimit = false;
  for (const point of points) {
    const order = orderAt(version, point, scheme);
    if (order === null) return 'undetermined';
    const { event } = point;
    if ('limit' in event) {
      limited = true;
      withinLimit ||= order < 0 || event.limit === '*';
    } else if ('introduced' in event) {
      if (order >= 0) inside = true;
    } else if ('lastAffected' in event) {
      if (order > 0) inside = false;
    } else if (order >= 0) {
      inside = false;
    } else {
      fixed ??= event.fixed;
    }
  }
  return !inside || (limited && !withinLimit) ? 'outside' : { fixed };
}

/** For a version that only the list names: the first fix above it in any range. */
function firstFixAfter(affected: AffectedPackage, version: string, scheme: VersionScheme): string | null {
  let first: string | null = null;
  for (const event of affected.ranges.flat()) {
    if (!('fixed' in event)) continue;
    const above = scheme.compare(event.fixed, version);
    if (above === null || above <= 0) continue;
    if (first === null || (scheme.compare(event.fixed, first) ?? 0) < 0) first = event.fixed;
  }
  return first;
}

function newestFix(affected: AffectedPackage, scheme: VersionScheme): string | null {
  let newest: string | null = null;
  for (const event of affected.ranges.flat()) {
    if ('fixed' in event) newest = laterVersion(newest, event.fixed, scheme);
  }
  return newest;
}
