import { capabilities, type Offer } from './capabilities.ts';

/** Who made a report. Harbor knows scanners by name, and keeps "Trivy" for its own. */
export interface ScannerIdentity {
  readonly name: string;
  readonly vendor: string;
  readonly version: string;
}

/** Times are ISO 8601 in UTC; null where nobody knows. */
export interface AdvisoriesAge {
  readonly updatedAt: string | null;
  readonly nextUpdateAt: string | null;
}

export interface MetadataInput extends Offer {
  readonly scanner: ScannerIdentity;
  /** How Harbor is to hand over the robot account of a scan. */
  readonly registryAuthorization: 'Basic' | 'Bearer';
  readonly advisories: AdvisoriesAge;
  /** Further properties, shown to administrators: `env.PRATIQUE_POLICY`. */
  readonly properties: () => Readonly<Record<string, string>>;
}

/** The body of `GET /metadata`. */
export function metadata(input: MetadataInput): object {
  const { scanner, advisories, registryAuthorization, properties } = input;
  const times = {
    'harbor.scanner-adapter/vulnerability-database-updated-at': advisories.updatedAt,
    'harbor.scanner-adapter/vulnerability-database-next-update-at': advisories.nextUpdateAt,
  };
  return {
    scanner,
    capabilities: capabilities(input),
    properties: {
      'harbor.scanner-adapter/scanner-type': 'os-package-vulnerability',
      ...Object.fromEntries(Object.entries(times).filter(([, at]) => at !== null)),
      'harbor.scanner-adapter/registry-authorization-type': registryAuthorization,
      ...properties(),
    },
  };
}
