import { z } from 'zod';

/** Harbor's pluggable scanner API (goharbor/pluggable-scanner-spec, v1.0 to v1.2), as the one who asks sees it. */
const text = z.string();
const optionalText = z.string().nullish();

export const metadataSchema = z.object({
  scanner: z.object({ name: text.min(1).max(100), version: text.max(100).default('') }),
  capabilities: z.array(
    z.object({
      /** Left out before v1.2: vulnerabilities. */
      type: optionalText,
      consumes_mime_types: z.array(text),
      produces_mime_types: z.array(text),
    }),
  ),
  properties: z.record(z.string(), z.unknown()).nullish(),
});

export const acceptedSchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9._~-]{1,200}$/, { error: 'an id that can be no part of a path' }),
});

export const errorSchema = z.object({ error: z.object({ message: text }) });

const vulnerability = z.object({
  id: text.min(1).max(200),
  package: text.min(1).max(1000),
  version: text.max(1000).default(''),
  fix_version: optionalText,
  severity: optionalText,
  description: optionalText,
  links: z.array(text).nullish(),
  preferred_cvss: z
    .object({
      score_v3: z.number().nullish(),
      score_v2: z.number().nullish(),
      vector_v3: optionalText,
      vector_v2: optionalText,
    })
    .nullish(),
});
export type HarborVulnerability = z.infer<typeof vulnerability>;

export const reportSchema = z.object({
  generated_at: optionalText,
  artifact: z.object({ digest: optionalText }).nullish(),
  scanner: z.object({ name: text.min(1).max(100), version: text.max(100).default('') }),
  vulnerabilities: z.array(vulnerability).nullish(),
});
