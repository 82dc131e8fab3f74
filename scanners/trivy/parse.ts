import type { Cvss, Finding, FindingStatus } from '../../core/finding.ts';
import type { PackageType } from '../../core/inventory.ts';
import type { Looked, ScannerReport } from '../../core/ports/scanner.ts';
import {
  aliasesOf,
  clip,
  cvssOf,
  kindOf,
  linkOf,
  readReport,
  refuseMany,
  severityOf,
  timeOf,
  typeOfPurl,
  unreadable,
} from '../reading.ts';
import { isCoveredFamily, languageOf } from './kinds.ts';
import { reportSchema, type TrivyResult, type TrivyVulnerability, versionSchema } from './schema.ts';

/** Which Trivy it is, and of which day its advisories are. */
export interface TrivyVersion {
  readonly version: string;
  /** ISO 8601; null: it has none yet, or does not say. */
  readonly databaseAt: string | null;
}

/** @throws PratiqueError `scanner-failed` */
export function parseTrivyVersion(bytes: Uint8Array): TrivyVersion {
  const { Version, VulnerabilityDB } = readReport('trivy version', bytes, versionSchema);
  return { version: Version, databaseAt: timeOf(VulnerabilityDB?.UpdatedAt) };
}

/**
 * A report of `trivy image --format json --list-all-pkgs`.
 * @param image as it was named to the program, digest included
 * @throws PratiqueError `scanner-failed` where it is none, or of another image
 */
export function parseTrivy(bytes: Uint8Array, image: string, program: TrivyVersion): ScannerReport {
  const report = readReport('trivy', bytes, reportSchema);
  const digest = image.slice(image.indexOf('@') + 1);
  const digests = report.Metadata?.RepoDigests ?? [];
  if (report.ArtifactName !== image && !digests.some((one) => one.endsWith(`@${digest}`))) {
    throw unreadable('trivy', `it is about ${clip(report.ArtifactName, 300)}, and not about ${image}`);
  }
  const results = report.Results ?? [];
  const findings = results.flatMap((result) => {
    const sourceOf = sourcesOf(result);
    return (result.Vulnerabilities ?? []).flatMap((one) => findingOf(one, result, sourceOf) ?? []);
  });
  return {
    scanner: { name: 'trivy', version: report.Trivy?.Version ?? program.version },
    databaseAt: program.databaseAt,
    looked: { system: whyNotSystem(report.Metadata?.OS ?? null, results), types: typesOf(results) },
    findings: refuseMany('trivy', findings),
  };
}

/** Packages of a system that Trivy does not know, or that has ended, have no findings: that is not clean. */
function whyNotSystem(
  os: { readonly Family: string; readonly Name: string; readonly EOSL?: boolean | undefined } | null,
  results: readonly TrivyResult[],
): Looked['system'] {
  if (os === null || os.Family === 'none') return 'trivy has recognised no operating system';
  const name = clip(`${os.Family} ${os.Name}`, 100);
  if (os.EOSL === true) return `trivy says that ${name} has no support any more`;
  if (!isCoveredFamily(os.Family.toLowerCase())) return `trivy has no advisories of ${name}`;
  if (!results.some((result) => result.Class === 'os-pkgs')) {
    return `trivy has recognised ${name}, and looked at none of its packages`;
  }
  return null;
}

function typesOf(results: readonly TrivyResult[]): readonly PackageType[] {
  const types = results
    .filter((result) => result.Class === 'lang-pkgs')
    .flatMap(({ Type }) => (Type === undefined ? [] : (languageOf(Type) ?? [])));
  return [...new Set(types)].sort();
}

/** The source package is said of packages alone, and these are told apart by what their findings name. */
function sourcesOf({ Packages }: TrivyResult): (one: TrivyVulnerability) => string {
  const sources = new Map<string, string>();
  for (const { ID, Identifier, SrcName } of Packages ?? []) {
    if (SrcName === undefined || SrcName === '') continue;
    for (const key of [Identifier?.UID, Identifier?.PURL, ID])
      if (key !== undefined) sources.set(key, SrcName);
  }
  return ({ PkgIdentifier, PkgID, PkgName }) => {
    for (const key of [PkgIdentifier?.UID, PkgIdentifier?.PURL, PkgID]) {
      const source = key === undefined ? undefined : sources.get(key);
      if (source !== undefined) return source;
    }
    return PkgName;
  };
}

function findingOf(
  one: TrivyVulnerability,
  result: TrivyResult,
  sourceOf: (one: TrivyVulnerability) => string,
): Finding | null {
  const said = statusOf(one);
  if (said === null) return null;
  const { note, ...status } = said;
  const purl = one.PkgIdentifier?.PURL ?? '';
  return {
    id: one.VulnerabilityID,
    kind: kindOf(one.VulnerabilityID),
    aliases: aliasesOf(one.VulnerabilityID, one.VendorIDs ?? []),
    package: one.PkgName,
    source: sourceOf(one),
    packageType:
      typeOfPurl(purl) ?? (result.Type === undefined ? null : languageOf(result.Type)) ?? 'generic',
    version: one.InstalledVersion,
    purl,
    severity: severityOf(one.Severity),
    cvss: cvssIn(one),
    ...status,
    ...(note === '' ? {} : { note }),
    kev: null,
    epss: null,
    published: timeOf(one.PublishedDate),
    fixedSince: null,
    url: linkOf(one.PrimaryURL),
    summary: clip(one.Title ?? one.Description ?? ''),
  };
}

const statuses: Readonly<Record<string, { readonly status: FindingStatus; readonly note: string }>> = {
  affected: { status: 'affected', note: '' },
  fixed: { status: 'affected', note: '' },
  under_investigation: { status: 'under_investigation', note: '' },
  will_not_fix: { status: 'will_not_fix', note: '' },
  fix_deferred: { status: 'affected', note: 'the fix is deferred' },
  end_of_life: { status: 'will_not_fix', note: 'the release has no support any more' },
};

/** Null: it says itself that the package is not affected. A fixed version outweighs words; a word that is none means affected. */
function statusOf({
  Status,
  FixedVersion,
}: TrivyVulnerability): (Pick<Finding, 'status' | 'fixedVersion'> & { readonly note: string }) | null {
  if (Status === 'not_affected') return null;
  if (FixedVersion !== undefined && FixedVersion !== '')
    return { status: 'fixed', fixedVersion: clip(FixedVersion, 200), note: '' };
  const said = Status !== undefined && Object.hasOwn(statuses, Status) ? statuses[Status] : undefined;
  return { status: said?.status ?? 'affected', fixedVersion: null, note: said?.note ?? '' };
}

/** That of the one whose severity is told, then of NVD, then of anybody; the newer version before the older. */
function cvssIn({ CVSS, SeveritySource }: TrivyVulnerability): Cvss | null {
  const all = CVSS ?? {};
  const of = (source: string | undefined) =>
    source !== undefined && Object.hasOwn(all, source) ? all[source] : undefined;
  for (const told of [of(SeveritySource), of('nvd'), of('ghsa'), ...Object.values(all)]) {
    if (told === undefined) continue;
    const cvss =
      cvssOf(told.V3Vector, told.V3Score) ??
      cvssOf(told.V40Vector, told.V40Score) ??
      cvssOf(told.V2Vector, told.V2Score);
    if (cvss !== null) return cvss;
  }
  return null;
}
