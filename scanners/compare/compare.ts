import type { Finding, MatchResult } from '../../core/finding.ts';
import type { Package } from '../../core/inventory.ts';
import { idsOf, knownAs, packageKey, versionKey } from './names.ts';
import { type Ground, whyOnlyOurs, whyOnlyTheirs } from './why.ts';

/** What both scanners say of one package. */
export interface Agreed {
  readonly name: string;
  readonly ours: Finding;
  readonly theirs: Finding;
  /** In what they differ all the same, each a few words. */
  readonly differs: readonly string[];
}

/** What one scanner says and the other does not. */
export interface Single {
  readonly name: string;
  readonly finding: Finding;
  /** The reason, as far as it can be told. */
  readonly why: string;
}

export interface Comparison {
  readonly scanner: { readonly name: string; readonly version: string };
  /** When its advisories were made, ISO 8601; null: it does not say. */
  readonly databaseAt: string | null;
  readonly both: readonly Agreed[];
  readonly onlyOurs: readonly Single[];
  readonly onlyTheirs: readonly Single[];
}

/** Both matches of one image. */
export interface Compared {
  readonly packages: readonly Package[];
  readonly ours: MatchResult;
  readonly theirs: MatchResult;
  /** Whether advisories that were imported here know a name, of whatever package. */
  readonly isKnown: (id: string) => boolean;
}

/**
 * What two scanners agree on, and where they differ. Findings are the same where they name the same advisory, by any alias, in
 * the same package of the same version. Pure.
 */
export function compareFindings(compared: Compared): Comparison {
  const { ours, theirs } = compared;
  const { provenance } = theirs;
  if (provenance === undefined) throw new Error('findings to compare with that nobody has given');
  const byPackage = indexed(ours.findings);
  const matched = new Set<Finding>();
  const both: Agreed[] = [];
  const singles: Finding[] = [];
  for (const finding of distinct(theirs.findings)) {
    const ids = idsOf(finding);
    const own = (byPackage.get(placeOf(finding)) ?? []).find((one) =>
      [...idsOf(one)].some((id) => ids.has(id)),
    );
    if (own === undefined) singles.push(finding);
    else {
      matched.add(own);
      both.push({ name: knownAs(own), ours: own, theirs: finding, differs: differencesOf(own, finding) });
    }
  }
  const ground: Ground = { ...compared, other: provenance.scanner.name };
  return {
    scanner: provenance.scanner,
    databaseAt: provenance.databaseAt,
    both,
    onlyOurs: distinct(ours.findings)
      .filter((finding) => !matched.has(finding))
      .map((finding) => ({ name: knownAs(finding), finding, why: whyOnlyOurs(finding, ground) })),
    onlyTheirs: singles.map((finding) => ({
      name: knownAs(finding),
      finding,
      why: whyOnlyTheirs(finding, ground),
    })),
  };
}

/** One of each advisory, package and version: the same package at two places is one difference. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter((finding) => {
    const key = `${placeOf(finding)}\n${finding.id}`;
    return !seen.has(key) && seen.add(key);
  });
}

function placeOf(finding: Finding): string {
  return `${packageKey(finding)}\n${versionKey(finding.version)}`;
}

function indexed(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const byPackage = new Map<string, Finding[]>();
  for (const finding of distinct(findings)) {
    const key = placeOf(finding);
    const others = byPackage.get(key);
    if (others === undefined) byPackage.set(key, [finding]);
    else others.push(finding);
  }
  return byPackage;
}

function differencesOf(ours: Finding, theirs: Finding): readonly string[] {
  const fix = ({ fixedVersion }: Finding): string => fixedVersion ?? 'none';
  const isOther = (a: string | null, b: string | null): boolean =>
    a === null || b === null ? a !== b : !b.split(', ').map(versionKey).includes(versionKey(a));
  return [
    ...(ours.severity === theirs.severity
      ? []
      : [`severity: ${ours.severity} here, ${theirs.severity} there`]),
    ...(isOther(ours.fixedVersion, theirs.fixedVersion)
      ? [`fix: ${fix(ours)} here, ${fix(theirs)} there`]
      : []),
    ...(ours.status === theirs.status || ours.fixedVersion !== null || theirs.fixedVersion !== null
      ? []
      : [`status: ${ours.status} here, ${theirs.status} there`]),
    ...(ours.kind === theirs.kind ? [] : [`kind: ${ours.kind} here, ${theirs.kind} there`]),
  ];
}
