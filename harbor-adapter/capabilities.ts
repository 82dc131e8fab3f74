import type { ReportKind } from '../core/ports/scan-jobs.ts';
import { dockerManifestType, ociManifestType } from '../registry/media-types.ts';
import { cycloneDxMediaType } from '../sbom/cyclonedx.ts';
import { spdxMediaType } from '../sbom/spdx.ts';
import { negotiate } from './accept.ts';
import { olderReportType, sbomReportType, vulnerabilityReportType } from './media-types.ts';
import { clip, type Refusal, refusal } from './refusal.ts';

/** What can be switched off. */
export interface Offer {
  /** Harbor up to 2.10 refuses a scanner that has a capability other than vulnerabilities. */
  readonly sbom: boolean;
}

export const sbomMediaTypes = [spdxMediaType, cycloneDxMediaType] as const;
export type SbomMediaType = (typeof sbomMediaTypes)[number];

export function isSbomMediaType(text: string): text is SbomMediaType {
  return sbomMediaTypes.some((type) => type === text);
}

/** No index types: Harbor walks an index itself, and with one here it would never ask for the images in it. */
const consumed = [ociManifestType, dockerManifestType];

/** As `GET /metadata` tells them. The older report is given as well but not advertised: Harbor would ask for both. */
export function capabilities({ sbom }: Offer): readonly object[] {
  return [
    {
      type: 'vulnerability',
      consumes_mime_types: consumed,
      produces_mime_types: [vulnerabilityReportType],
    },
    ...(sbom
      ? [
          {
            type: 'sbom',
            consumes_mime_types: consumed,
            produces_mime_types: [sbomReportType],
            additional_attributes: { sbom_media_types: sbomMediaTypes },
          },
        ]
      : []),
  ];
}

interface WantedCapability {
  readonly type?: string | null | undefined;
  readonly produces_mime_types?: readonly string[] | null | undefined;
  readonly parameters?:
    | { readonly sbom_media_types?: readonly string[] | null | undefined }
    | null
    | undefined;
}

export interface Wanted {
  readonly kinds: readonly ReportKind[];
  readonly sbomMediaTypes: readonly string[];
}

/**
 * `enabled_capabilities` of a scan request. None is all that are offered; one without a type is the vulnerability
 * scan of before there were types. A word that the API does not have is 422, one that is not offered here 501.
 */
export function parseCapabilities(wanted: readonly WantedCapability[], offer: Offer): Wanted | Refusal {
  if (wanted.length === 0) {
    return { kinds: offer.sbom ? ['vulnerabilities', 'sbom'] : ['vulnerabilities'], sbomMediaTypes: [] };
  }
  const kinds = new Set<ReportKind>();
  const mediaTypes = new Set<string>();
  for (const one of wanted) {
    const kind = parseKind(one, offer);
    if (typeof kind === 'object') return kind;
    kinds.add(kind);
    for (const type of kind === 'sbom' ? (one.parameters?.sbom_media_types ?? []) : []) {
      if (!isSbomMediaType(type)) {
        return refusal(
          422,
          `"${clip(type)}" is no SBOM format here: there are ${sbomMediaTypes.join(' and ')}`,
        );
      }
      mediaTypes.add(type);
    }
  }
  return { kinds: [...kinds], sbomMediaTypes: [...mediaTypes] };
}

function parseKind(wanted: WantedCapability, offer: Offer): ReportKind | Refusal {
  const type = wanted.type ?? '';
  if (type !== 'vulnerability' && type !== 'sbom' && type !== '') {
    return refusal(422, `enabled_capabilities has "${clip(type)}": there are vulnerability and sbom`);
  }
  if (type === 'sbom' && !offer.sbom) {
    return refusal(501, 'SBOMs are switched off in the configuration of this scanner');
  }
  const offered =
    type === 'sbom' ? ([sbomReportType] as const) : ([vulnerabilityReportType, olderReportType] as const);
  const unknown = (wanted.produces_mime_types ?? []).find(
    (produced) => negotiate(produced, offered) === null,
  );
  if (unknown !== undefined) {
    return refusal(501, `this scanner makes no "${clip(unknown)}": there is ${offered.join(' and ')}`);
  }
  return type === 'sbom' ? 'sbom' : 'vulnerabilities';
}
