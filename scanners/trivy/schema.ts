import { z } from 'zod';

/**
 * `trivy image --format json`, schema version 2: what decides has to be there and of its type, what is said beside it may be
 * missing, and what is unknown is ignored. Go writes empty lists as null.
 */
const text = z.string();
const optionalText = z.string().optional();
const texts = z.array(z.string()).nullish();

const identifier = z.object({ PURL: optionalText, UID: optionalText }).optional();
const layer = z.object({ Digest: optionalText, DiffID: optionalText }).optional();

const cvss = z.record(
  z.string(),
  z.object({
    V2Vector: optionalText,
    V3Vector: optionalText,
    V40Vector: optionalText,
    V2Score: z.number().optional(),
    V3Score: z.number().optional(),
    V40Score: z.number().optional(),
  }),
);

export const vulnerabilitySchema = z.object({
  VulnerabilityID: text.min(1).max(200),
  VendorIDs: texts,
  PkgID: optionalText,
  PkgName: text.min(1).max(1000),
  PkgPath: optionalText,
  PkgIdentifier: identifier,
  InstalledVersion: text.max(1000).default(''),
  FixedVersion: optionalText,
  Status: optionalText,
  Layer: layer,
  SeveritySource: optionalText,
  PrimaryURL: optionalText,
  Title: optionalText,
  Description: optionalText,
  Severity: optionalText,
  CVSS: cvss.nullish(),
  PublishedDate: optionalText,
});
export type TrivyVulnerability = z.infer<typeof vulnerabilitySchema>;

const packageSchema = z.object({
  ID: optionalText,
  Name: optionalText,
  Identifier: identifier,
  SrcName: optionalText,
});

export const reportSchema = z.object({
  SchemaVersion: z.literal(2, { error: 'a schema version other than 2' }),
  Trivy: z.object({ Version: optionalText }).optional(),
  ArtifactName: text,
  ArtifactType: optionalText,
  Metadata: z
    .object({
      OS: z.object({ Family: text, Name: text.default(''), EOSL: z.boolean().optional() }).nullish(),
      RepoDigests: texts,
    })
    .optional(),
  Results: z
    .array(
      z.object({
        Target: text,
        Class: optionalText,
        Type: optionalText,
        Packages: z.array(packageSchema).nullish(),
        Vulnerabilities: z.array(vulnerabilitySchema).nullish(),
      }),
    )
    .nullish(),
});
export type TrivyResult = NonNullable<z.infer<typeof reportSchema>['Results']>[number];

/** `trivy version --format json`, and what a server answers at `/version`. */
export const versionSchema = z.object({
  Version: text.min(1).max(100),
  VulnerabilityDB: z.object({ UpdatedAt: optionalText }).nullish(),
});
