import type { Coverage, Finding, MatchResult } from './finding.ts';
import {
  type OperatingSystem,
  type Package,
  type PackageType,
  packageTypes,
  systemPackageTypes,
} from './inventory.ts';
import { caselessName } from './package-name.ts';
import { spokenOfPrograms } from './program-names.ts';
import { compareSeverity } from './severity.ts';

/**
 * Packages of one class belong to the same advisories on a system. Drupal's modules have a repository of their own; of most
 * programs without a package nobody speaks.
 */
export type PackageClass = PackageType | 'drupal' | 'unspoken';
export const packageClasses: readonly PackageClass[] = [...packageTypes, 'drupal', 'unspoken'];

export function packageClass({ type, name }: Pick<Package, 'type' | 'name'>): PackageClass {
  if (type === 'generic' && !spokenOfPrograms.has(name)) return 'unspoken';
  return type === 'composer' && caselessName(name).startsWith('drupal/') ? 'drupal' : type;
}

/** How many packages of each class an inventory has, in the order in which the classes come in it. */
export type PackageCounts = Readonly<Partial<Record<PackageClass, number>>>;

/** What was found in one package. */
export interface PackageFound {
  readonly findings: readonly Finding[];
  /** Its class, where the system's own advisories speak of it, so that it needs no others; null: it needs its own. */
  readonly spokenFor: PackageClass | null;
}

/** What one revision says of the advisories that packages of one class belong to on one system. */
export interface CoverageState extends Omit<Coverage, 'packages'> {
  /** False: no advisories can be named for it. */
  readonly known: boolean;
}

/** Everything that one revision says of a system, whatever packages it has. */
export interface MatchGround {
  /** Of the system itself; null: none was recognised. */
  readonly system: CoverageState | null;
  readonly classes: Readonly<Record<PackageClass, CoverageState>>;
  /** How old the catalogues are that speak of all findings, ISO 8601. */
  readonly catalogues: readonly string[];
  /** First day without support; null: not known, or none is planned. */
  readonly endOfLife: string | null;
}

/** What was found in each package of an inventory under one revision: all that its match is assembled from. */
export interface PackageMatches {
  readonly revision: string;
  readonly ground: MatchGround;
  /** In the order of the inventory's packages; equal packages may share theirs. */
  readonly packages: readonly PackageFound[];
}

/** Findings that one image may have; what has more is refused where it is matched. */
export const mostFindings = 100_000;

/** The system, as far as matching looks at it; a text. */
export function systemKey(os: OperatingSystem | null): string {
  return JSON.stringify(os === null ? null : [os.id, os.versionId]);
}

/** What `systemKey` made a text of. Its name is not told by it. */
export function systemOf(key: string): OperatingSystem | null {
  const told = JSON.parse(key) as readonly [id: string, versionId: string] | null;
  return told === null ? null : { id: told[0], versionId: told[1], name: '' };
}

/** Of one name there are some for several architectures, and kernels. More are nobody's. */
const mostOwners = 20;

/**
 * The system's packages that brought a language's package, of an inventory; empty for all others, and where none or
 * too many have the name that `ownedBy` says.
 */
export function ownersIn(packages: readonly Package[]): (one: Package) => readonly Package[] {
  let byName: Map<string, Package[]> | null = null;
  return ({ type, ownedBy }) => {
    if (ownedBy === undefined || systemPackageTypes.has(type)) return nobody;
    byName ??= systemPackagesByName(packages);
    const owners = byName.get(ownedBy) ?? nobody;
    return owners.length > mostOwners ? nobody : owners;
  };
}

const nobody: readonly Package[] = [];

function systemPackagesByName(packages: readonly Package[]): Map<string, Package[]> {
  const byName = new Map<string, Package[]>();
  for (const one of packages) {
    if (!systemPackageTypes.has(one.type)) continue;
    const others = byName.get(one.name);
    if (others === undefined) byName.set(one.name, [one]);
    else others.push(one);
  }
  return byName;
}

/**
 * The text of everything that matching a package depends on, so that packages with the same text have the same
 * findings in whatever image they are. What is not named here is part of it: a field that is forgotten makes two
 * packages of one, and never one of two.
 * @param owners what `ownersIn` tells: the distribution's word on them counts for it
 */
export function packageIdentity(
  os: OperatingSystem | null,
  one: Package,
  owners: readonly Package[],
): string {
  const {
    layer: _layer,
    changedIn: _changedIn,
    paths: _paths,
    licenses: _licenses,
    licenseTexts: _licenseTexts,
    ...fields
  } = one;
  const { type, name, version, arch, source, purl, modularityLabel, ...others } = fields;
  const system = systemPackageTypes.has(type) || 'ownedBy' in others ? systemKey(os) : null;
  const told = Object.entries(others)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const module = modularityLabel ?? null;
  const owned = owners.map((owner) => packageIdentity(os, owner, nobody));
  const text = [system, type, name, version, arch, source.name, source.version, purl, module, told];
  return JSON.stringify(owned.length === 0 ? text : [...text, owned]);
}

export function countPackages(packages: readonly Pick<Package, 'type' | 'name'>[]): PackageCounts {
  const counts = new Map<PackageClass, number>();
  for (const one of packages) {
    const its = packageClass(one);
    counts.set(its, (counts.get(its) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** Those that need advisories of their own. */
function withoutSpokenFor(counts: PackageCounts, packages: readonly PackageFound[]): PackageCounts {
  const left = { ...counts };
  for (const { spokenFor } of packages) {
    if (spokenFor === null) continue;
    const count = left[spokenFor] ?? 0;
    if (count > 1) left[spokenFor] = count - 1;
    else delete left[spokenFor];
  }
  return left;
}

/**
 * The match of an image, from what was found in its packages. Worst first.
 * @param counts of all of them; of `matches.packages` those may be left out in which nothing is found and which need advisories
 *   of their own
 */
export function assembleMatch(counts: PackageCounts, matches: PackageMatches): MatchResult {
  const { revision, ground, packages } = matches;
  const coverage = assembleCoverage(withoutSpokenFor(counts, packages), ground);
  return {
    findings: sortFindings(distinctFindings(packages)),
    coverage,
    advisories: { revision, updatedAt: oldestOf(coverage, ground) },
    endOfLife: ground.endOfLife,
  };
}

/**
 * The same package in two places is one package to whoever has to update it. The first one is told. All findings of a
 * list are of one package, and of different records, so most lists are taken whole.
 */
function distinctFindings(packages: readonly PackageFound[]): Finding[] {
  const all: Finding[] = [];
  const lists = new Map<string, { readonly findings: readonly Finding[]; ids: Set<string> | null }>();
  for (const { findings } of packages) {
    const [first] = findings;
    if (first === undefined) continue;
    const key = keyOf(findings, first);
    const known = lists.get(key);
    if (known === undefined) {
      lists.set(key, { findings, ids: null });
      for (const finding of findings) all.push(finding);
      continue;
    }
    known.ids ??= new Set(known.findings.map(({ id }) => id));
    for (const finding of findings) {
      if (known.ids.has(finding.id)) continue;
      known.ids.add(finding.id);
      all.push(finding);
    }
  }
  return all;
}

/** Lists are those of packages, which many images share: a text of that length is not made for each. */
const keys = new WeakMap<readonly Finding[], string>();

function keyOf(findings: readonly Finding[], { packageType, package: name, version, purl }: Finding): string {
  const known = keys.get(findings);
  if (known !== undefined) return known;
  const key = `${packageType}\n${name}\n${version}\n${purl}`;
  keys.set(findings, key);
  return key;
}

/** Worst first: known to be exploited, malware, then by severity; bug fixes last. Ties by package and id. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings
    .map((finding) => ({ finding, rank: rankOf(finding), score: finding.cvss?.score ?? 0 }))
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        b.score - a.score ||
        compareTexts(a.finding.package, b.finding.package) ||
        compareTexts(a.finding.version, b.finding.version) ||
        compareTexts(a.finding.id, b.finding.id) ||
        compareTexts(a.finding.purl, b.finding.purl),
    )
    .map(({ finding }) => finding);
}

/** More than there are severities. */
const severitySteps = 10;

/** What counts most, as one number; less is worse. */
function rankOf({ kind, kev, severity }: Finding): number {
  const first = (kind === 'bugfix' ? 4 : 0) + (kev === true ? 0 : 2) + (kind === 'malware' ? 0 : 1);
  return first * severitySteps + compareSeverity(severity, 'critical');
}

/** One entry for each ecosystem and release that packages belong to, and one for the system itself even if it has none. Sorted by name. */
function assembleCoverage(counts: PackageCounts, ground: MatchGround): readonly Coverage[] {
  const entries = new Map<string, { readonly state: CoverageState; packages: number }>();
  const count = (state: CoverageState, packages: number): void => {
    // One name can be known for one package type and not for another.
    const key = `${state.ecosystem}\n${state.known}`;
    const entry = entries.get(key);
    if (entry === undefined) entries.set(key, { state, packages });
    else entry.packages += packages;
  };
  if (ground.system !== null) count(ground.system, 0);
  for (const its of packageClasses) {
    const packages = counts[its];
    if (packages !== undefined) count(ground.classes[its], packages);
  }
  return [...entries.values()]
    .map(({ state: { known: _, ...state }, packages }) => ({ ...state, packages }))
    .sort((a, b) => compareTexts(a.ecosystem, b.ecosystem));
}

/** How old the oldest feed is that took part, catalogues included; null where none did. */
function oldestOf(coverage: readonly Coverage[], { catalogues }: MatchGround): string | null {
  const times = coverage.flatMap((entry) => (entry.covered ? (entry.updatedAt ?? []) : []));
  if (times.length === 0) return null;
  return [...times, ...catalogues].reduce((oldest, time) =>
    Date.parse(time) < Date.parse(oldest) ? time : oldest,
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
