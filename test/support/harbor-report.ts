import { z } from 'zod';

/*
 * Reports as Go's encoding/json reads them into Harbor's structs (src/pkg/scan/vuln/report.go, src/pkg/scan/sbom):
 * unknown fields are let be, a missing one or null is the zero value, another JSON type is an error.
 */

const text = z.string().nullish();
const score = z.number().nullish();
const texts = z.array(z.string().nullable()).nullish();
const scanner = z.looseObject({ name: text, vendor: text, version: text }).nullish();

const vulnerability = z.looseObject({
  id: text,
  package: text,
  version: text,
  fix_version: text,
  severity: text,
  status: text,
  description: text,
  links: texts,
  artifact_digests: texts,
  preferred_cvss: z
    .looseObject({ score_v3: score, score_v2: score, vector_v3: text, vector_v2: text })
    .nullish(),
  cwe_ids: texts,
  vendor_attributes: z.record(z.string(), z.unknown()).nullish(),
});

const schemas = {
  vulnerability: z.looseObject({
    generated_at: text,
    scanner,
    severity: text,
    vulnerabilities: z.array(vulnerability.nullable()).nullish(),
  }),
  sbom: z.looseObject({
    generated_at: text,
    scanner,
    media_type: text,
    sbom: z.record(z.string(), z.unknown()).nullish(),
  }),
};

/** @throws Error where Harbor's decoder would fail */
export function readHarborReport(type: 'vulnerability' | 'sbom', body: string): Record<string, unknown> {
  if (body === '') throw new Error('empty JSON data');
  return schemas[type].parse(JSON.parse(body));
}
