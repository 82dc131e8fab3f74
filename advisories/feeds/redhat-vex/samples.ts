/** What a test says of a product: its id, with a CPE for a release, with a purl for a package. */
interface SampleProduct {
  readonly id: string;
  readonly cpe?: string;
  readonly purl?: string;
}

export interface SampleVex {
  readonly cve?: string;
  readonly title?: string;
  readonly products: readonly SampleProduct[];
  /** `RELEASE:PACKAGE` → both of them. */
  readonly status: Readonly<Record<string, readonly (readonly [release: string, component: string])[]>>;
  readonly remediations?: readonly (readonly [
    category: string,
    details: string,
    ...ids: readonly string[],
  ])[];
  readonly impacts?: readonly (readonly [word: string, ...ids: readonly string[]])[];
  readonly vectors?: readonly (readonly [vector: string, ...ids: readonly string[]])[];
}

/** A document in the shape of Red Hat's CSAF VEX feed. */
export function sampleVex(sample: SampleVex): Readonly<Record<string, unknown>> {
  const { cve = 'CVE-2023-38545', title = 'curl: heap based buffer overflow' } = sample;
  const pairs = Object.values(sample.status).flat();
  const branches = sample.products.map(({ id, cpe, purl }) => ({
    category: cpe === undefined ? 'product_version' : 'product_name',
    name: id,
    product: {
      name: id,
      product_id: id,
      ...(cpe === undefined && purl === undefined
        ? {}
        : { product_identification_helper: cpe === undefined ? { purl } : { cpe } }),
    },
  }));
  return {
    document: {
      aggregate_severity: { text: 'Important' },
      category: 'csaf_vex',
      csaf_version: '2.0',
      title,
      tracking: {
        id: cve,
        status: 'final',
        current_release_date: '2025-11-21T14:31:32+00:00',
      },
    },
    product_tree: {
      branches: [
        {
          category: 'vendor',
          name: 'Red Hat',
          branches: [{ category: 'architecture', name: 'x86_64', branches }],
        },
      ],
      relationships: pairs.map(([release, component]) => ({
        category: 'default_component_of',
        full_product_name: {
          name: `${component} as a component of ${release}`,
          product_id: `${release}:${component}`,
        },
        product_reference: component,
        relates_to_product_reference: release,
      })),
    },
    vulnerabilities: [
      {
        cve,
        title,
        release_date: '2023-10-11T00:00:00+00:00',
        product_status: Object.fromEntries(
          Object.entries(sample.status).map(([status, list]) => [status, list.map((pair) => pair.join(':'))]),
        ),
        remediations: (sample.remediations ?? []).map(([category, details, ...product_ids]) => ({
          category,
          details,
          product_ids,
        })),
        threats: (sample.impacts ?? []).map(([details, ...product_ids]) => ({
          category: 'impact',
          details,
          product_ids,
        })),
        scores: (sample.vectors ?? []).map(([vectorString, ...products]) => ({
          cvss_v3: { vectorString, version: '3.1' },
          products,
        })),
      },
    ],
  };
}
