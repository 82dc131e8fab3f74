import type { Digest } from '../../core/digest.ts';
import type { Finding } from '../../core/finding.ts';
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
  unreadable,
} from '../reading.ts';
import { type HarborVulnerability, metadataSchema, reportSchema } from './schema.ts';

/** The reports that are asked for, the best first. */
export const reportTypes = [
  'application/vnd.security.vulnerability.report; version=1.1',
  'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0',
] as const;

/** What an adapter says of its scanner. */
export interface HarborMetadata {
  readonly scanner: { readonly name: string; readonly version: string };
  readonly databaseAt: string | null;
  /** As it writes it; null: it produces none that is read here from a manifest of this type. */
  readonly reportFor: (mediaType: string) => string | null;
}

/** @throws PratiqueError `scanner-failed` */
export function parseHarborMetadata(bytes: Uint8Array): HarborMetadata {
  const { scanner, capabilities, properties } = readReport("the scanner's metadata", bytes, metadataSchema);
  const updated = properties?.['harbor.scanner-adapter/vulnerability-database-updated-at'];
  return {
    scanner,
    databaseAt: typeof updated === 'string' ? timeOf(updated) : null,
    reportFor: (mediaType) => {
      const produced = capabilities
        .filter(({ type, consumes_mime_types: consumed }) => {
          return (type == null || type === 'vulnerability') && consumed.some((one) => isSame(one, mediaType));
        })
        .flatMap((one) => one.produces_mime_types);
      return reportTypes.find((wanted) => produced.some((one) => isSame(one, wanted))) ?? null;
    },
  };
}

/** Media types differ in spaces and case, and mean the same (RFC 9110, section 8.3.1). */
function isSame(a: string, b: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/\s+/g, '');
  return plain(a) === plain(b);
}

/**
 * @param looked the API has no word for what a scanner knows advisories of, so the operator says it
 * @throws PratiqueError `scanner-failed` where it is no report, or of another image
 */
export function parseHarbor(
  bytes: Uint8Array,
  digest: Digest,
  metadata: Pick<HarborMetadata, 'databaseAt'>,
  looked: Looked,
): ScannerReport {
  const report = readReport('the scanner', bytes, reportSchema);
  const about = report.artifact?.digest;
  if (about != null && about !== '' && about !== digest) {
    throw unreadable(report.scanner.name, `it is about ${clip(about, 200)}, and not about ${digest}`);
  }
  return {
    scanner: report.scanner,
    databaseAt: metadata.databaseAt,
    looked,
    findings: refuseMany(report.scanner.name, (report.vulnerabilities ?? []).map(findingOf)),
  };
}

/** Packages have no type here; the inventory tells which they are. */
const untold: PackageType = 'generic';

function findingOf(one: HarborVulnerability): Finding {
  const fixed = one.fix_version ?? '';
  const cvss = one.preferred_cvss;
  return {
    id: one.id,
    kind: kindOf(one.id),
    aliases: aliasesOf(one.id, []),
    package: one.package,
    source: one.package,
    packageType: untold,
    version: one.version,
    purl: '',
    severity: severityOf(one.severity),
    cvss:
      cvssOf(cvss?.vector_v3 ?? undefined, cvss?.score_v3 ?? undefined) ??
      cvssOf(cvss?.vector_v2 ?? undefined, cvss?.score_v2 ?? undefined),
    status: fixed === '' ? 'affected' : 'fixed',
    fixedVersion: fixed === '' ? null : clip(fixed, 200),
    kev: null,
    epss: null,
    published: null,
    fixedSince: null,
    // Harbor joins several with a bar.
    url: linkOf(one.links?.[0]?.split('|')[0]?.trim()),
    summary: clip(one.description ?? ''),
  };
}
