import type { Digest } from '../../core/digest.ts';
import type { Cvss, Finding, FindingStatus } from '../../core/finding.ts';
import type { PackageType } from '../../core/inventory.ts';
import type { Looked, ScannerReport } from '../../core/ports/scanner.ts';
import {
  aliasesOf,
  clip,
  cvssOf,
  epssOf,
  kindOf,
  linkOf,
  readReport,
  refuseMany,
  severityOf,
  timeOf,
  typeOfPurl,
  unreadable,
} from '../reading.ts';
import { type GrypeMatch, type GrypePackage, reportSchema } from './schema.ts';

/**
 * What Grype holds against advisories wherever it finds it. Its report lists no packages, so this is what its documentation
 * says and not what the report does.
 */
const languages: readonly PackageType[] = [
  'bitnami',
  'cargo',
  'composer',
  'gem',
  'generic',
  'golang',
  'maven',
  'npm',
  'nuget',
  'pypi',
];

/** `distro.name` (os-release's ID) of the systems in its database. */
const systems: ReadonlySet<string> = new Set([
  'almalinux',
  'alpine',
  'amazonlinux',
  'amzn',
  'azurelinux',
  'centos',
  'chainguard',
  'debian',
  'echo',
  'mariner',
  'minimos',
  'ol',
  'oraclelinux',
  'redhat',
  'rhel',
  'rocky',
  'rockylinux',
  'sles',
  'ubuntu',
  'wolfi',
]);

/**
 * A report of `grype -o json`.
 * @throws PratiqueError `scanner-failed` where it is none, or of another image
 */
export function parseGrype(bytes: Uint8Array, digest: Digest): ScannerReport {
  const report = readReport('grype', bytes, reportSchema);
  const { manifestDigest, repoDigests } = report.source.target;
  if (manifestDigest !== digest && repoDigests?.some((one) => one.endsWith(`@${digest}`)) !== true) {
    throw unreadable(
      'grype',
      `it is about ${clip(manifestDigest ?? 'an unnamed image', 200)}, and not about ${digest}`,
    );
  }
  const { db, version } = report.descriptor;
  if (db?.status?.valid === false || isSaid(db?.error) || isSaid(db?.status?.error)) {
    throw unreadable('grype', 'it says that its database is not valid');
  }
  const alerts = (report.alertsByPackage ?? []).flatMap((one) => one.alerts ?? []);
  return {
    scanner: { name: 'grype', version },
    databaseAt: timeOf(db?.status?.built ?? db?.built),
    looked: { system: whyNotSystem(report.distro ?? null, alerts), types: languages },
    findings: refuseMany('grype', report.matches.map(findingOf)),
  };
}

function isSaid(error: unknown): boolean {
  return error !== undefined && error !== null && error !== '';
}

function whyNotSystem(
  distro: { readonly name: string; readonly version: string } | null,
  alerts: readonly { readonly type: string; readonly message: string }[],
): Looked['system'] {
  if (distro === null || distro.name === '') return 'grype has recognised no operating system';
  const alert = alerts.find(({ type }) => type.startsWith('distro-'));
  const name = clip(`${distro.name} ${distro.version}`, 100);
  if (alert !== undefined)
    return `grype says of ${name}: ${clip(alert.message === '' ? alert.type : alert.message, 200)}`;
  return systems.has(distro.name.toLowerCase()) ? null : `grype has no advisories of ${name}`;
}

function findingOf({ vulnerability, relatedVulnerabilities, artifact }: GrypeMatch): Finding {
  const { id } = vulnerability;
  const related = relatedVulnerabilities ?? [];
  const advisories = vulnerability.advisories ?? [];
  const { fixedSince, ...status } = statusOf(vulnerability.fix ?? null);
  return {
    id,
    kind: kindOf(id),
    aliases: aliasesOf(
      id,
      [...related, ...advisories].map((one) => one.id),
    ),
    package: nameOf(artifact),
    source: artifact.upstreams?.[0]?.name ?? nameOf(artifact),
    packageType: typeOfPurl(artifact.purl) ?? ownTypes.get(artifact.type) ?? 'generic',
    version: artifact.version,
    purl: artifact.purl,
    severity: severityOf(vulnerability.severity),
    cvss: cvssIn([vulnerability, ...related]),
    ...status,
    kev: (vulnerability.knownExploited ?? []).length > 0 ? true : null,
    epss: epssOf(vulnerability.epss?.[0]?.epss),
    published: null,
    fixedSince,
    url: linkOf(vulnerability.dataSource),
    summary: clip(vulnerability.description ?? related[0]?.description ?? ''),
  };
}

/** Grype's own words for kinds of packages, where a package has no purl. */
const ownTypes: ReadonlyMap<string, PackageType> = new Map([
  ['deb', 'deb'],
  ['rpm', 'rpm'],
  ['apk', 'apk'],
  ['npm', 'npm'],
  ['python', 'pypi'],
  ['go-module', 'golang'],
  ['java-archive', 'maven'],
  ['jenkins-plugin', 'maven'],
  ['gem', 'gem'],
  ['rust-crate', 'cargo'],
  ['php-composer', 'composer'],
  ['dotnet', 'nuget'],
  ['conda', 'conda'],
  ['bitnami', 'bitnami'],
]);

/** A jar is called by its artifact alone, and everywhere else by group and artifact. */
function nameOf({ name, purl }: GrypePackage): string {
  const [, group, artifact] = /^pkg:maven\/([^/@?#]{1,300})\/([^/@?#]{1,300})/.exec(purl) ?? [];
  return group === undefined || artifact === undefined ? name : `${decoded(group)}:${decoded(artifact)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const states: ReadonlyMap<string, FindingStatus> = new Map([
  ['not-fixed', 'affected'],
  ['wont-fix', 'will_not_fix'],
  ['unknown', 'affected'],
]);

function statusOf(
  fix: GrypeMatch['vulnerability']['fix'] | null,
): Pick<Finding, 'status' | 'fixedVersion' | 'fixedSince'> {
  const versions = (fix?.versions ?? []).filter((version) => version !== '');
  if (versions.length === 0) {
    return { status: states.get(fix?.state ?? '') ?? 'affected', fixedVersion: null, fixedSince: null };
  }
  const dates = (fix?.available ?? []).flatMap(({ date }) => timeOf(date) ?? []).sort();
  return { status: 'fixed', fixedVersion: clip(versions.join(', '), 200), fixedSince: dates[0] ?? null };
}

/** What the matched record says comes before what is said of the same elsewhere; the newest version of each. */
function cvssIn(records: readonly Pick<GrypeMatch['vulnerability'], 'cvss'>[]): Cvss | null {
  for (const { cvss } of records) {
    const told = (cvss ?? []).flatMap((one) => {
      const read = cvssOf(one.vector, one.metrics?.baseScore);
      return read === null ? [] : [{ read, version: one.version ?? '' }];
    });
    const [best] = told.sort((a, b) => (a.version < b.version ? 1 : a.version > b.version ? -1 : 0));
    if (best !== undefined) return best.read;
  }
  return null;
}
