import { displayId, type Finding } from '../core/finding.ts';
import type { Package } from '../core/inventory.ts';
import type { Severity } from '../core/severity.ts';
import type { Suppressed } from '../core/verdict.ts';

/** A vulnerability of CycloneDX 1.6, as far as findings tell of one. */
export interface CycloneDxVulnerability {
  readonly 'bom-ref': string;
  readonly id: string;
  readonly source?: { readonly name: string; readonly url?: string };
  readonly references?: readonly { readonly id: string; readonly source: { readonly name: string } }[];
  readonly ratings: readonly {
    readonly severity: 'critical' | 'high' | 'medium' | 'low' | 'info' | 'unknown';
    readonly score?: number;
    readonly method?: string;
    readonly vector?: string;
  }[];
  readonly description?: string;
  readonly recommendation?: string;
  readonly advisories?: readonly { readonly url: string }[];
  readonly published?: string;
  readonly analysis?: { readonly state?: 'not_affected'; readonly detail: string };
  readonly affects: readonly {
    readonly ref: string;
    readonly versions: readonly { readonly version: string; readonly status: 'affected' | 'unknown' }[];
  }[];
  readonly properties: readonly { readonly name: string; readonly value: string }[];
}

const severities: Readonly<Record<Severity, CycloneDxVulnerability['ratings'][number]['severity']>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  negligible: 'info',
  unknown: 'unknown',
};

/** What was found in the components; bug fixes are no vulnerabilities. @param refs of the packages, in their order */
export function vulnerabilitiesOf(
  packages: readonly Package[],
  refs: readonly string[],
  findings: readonly Finding[],
  suppressed: readonly Suppressed[],
): readonly CycloneDxVulnerability[] {
  const places = new Map<string, string[]>();
  for (const [at, { purl }] of packages.entries()) {
    const known = places.get(purl);
    if (known === undefined) places.set(purl, [refs[at] ?? '']);
    else known.push(refs[at] ?? '');
  }
  const silenced = new Map(suppressed.map((one) => [`${one.id}\n${one.package}`, one]));
  return findings
    .filter(({ kind }) => kind !== 'bugfix')
    .map((finding, at) =>
      vulnerabilityOf(
        finding,
        `vulnerability-${at + 1}`,
        places.get(finding.purl) ?? [],
        silenced.get(`${finding.id}\n${finding.package}`),
      ),
    );
}

function vulnerabilityOf(
  finding: Finding,
  bomRef: string,
  refs: readonly string[],
  suppressed: Suppressed | undefined,
): CycloneDxVulnerability {
  const { cvss, severity, summary, url, fixedVersion, published, version, kev, epss } = finding;
  const id = displayId(finding);
  const others = [finding.id, ...finding.aliases].filter((name) => name !== id);
  const method = cvss === null ? null : methodOf(cvss.vector);
  const address = /^https?:\/\/[!-~]+$/.test(url) && URL.canParse(url) ? url : null;
  const status = finding.status === 'undetermined' ? 'unknown' : 'affected';
  return {
    'bom-ref': bomRef,
    id,
    source: { name: sourceOf(finding.id), ...(address === null ? {} : { url: address }) },
    ...(others.length === 0
      ? {}
      : { references: others.map((name) => ({ id: name, source: { name: sourceOf(name) } })) }),
    ratings: [
      {
        severity: severities[severity],
        ...(cvss === null || method === null ? {} : { score: cvss.score, method, vector: cvss.vector }),
      },
    ],
    ...(summary === '' ? {} : { description: summary }),
    ...(fixedVersion === null
      ? {}
      : { recommendation: `Upgrade ${finding.package} to version ${fixedVersion}` }),
    ...(address === null ? {} : { advisories: [{ url: address }] }),
    ...(published === null || Number.isNaN(Date.parse(published))
      ? {}
      : { published: new Date(published).toISOString() }),
    ...(suppressed === undefined ? {} : { analysis: analysisOf(suppressed) }),
    affects: refs.map((ref) => ({ ref, versions: [{ version, status }] })),
    properties: [
      { name: 'pratique:kind', value: finding.kind },
      { name: 'pratique:status', value: finding.status },
      ...(kev === null ? [] : [{ name: 'pratique:knownExploited', value: String(kev) }]),
      ...(epss === null ? [] : [{ name: 'pratique:epss', value: String(epss) }]),
    ],
  };
}

/** An exception lets a finding through and does not deny it; VEX says that it does no harm. */
function analysisOf({ by, reason, vex }: Suppressed): NonNullable<CycloneDxVulnerability['analysis']> {
  const detail = `${by}: ${reason}`;
  return vex === undefined ? { detail } : { state: 'not_affected', detail };
}

/** `GHSA-…` is of GHSA. */
function sourceOf(id: string): string {
  const [start = ''] = id.split('-', 1);
  return start === 'CVE' ? 'NVD' : start;
}

function methodOf(vector: string): string | null {
  if (vector.startsWith('CVSS:4.')) return 'CVSSv4';
  if (vector.startsWith('CVSS:3.1')) return 'CVSSv31';
  if (vector.startsWith('CVSS:3.0')) return 'CVSSv3';
  return vector.startsWith('AV:') ? 'CVSSv2' : null;
}
