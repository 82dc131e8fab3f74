import { z } from 'zod';

/** `grype … -o json`: what decides has to be there and of its type; what is said beside it may be missing. */
const text = z.string();
const optionalText = z.string().nullish();

const cvss = z.object({
  type: optionalText,
  version: optionalText,
  vector: z.string().default(''),
  metrics: z.object({ baseScore: z.number().optional() }).optional(),
});

const packageSchema = z.object({
  name: text.min(1).max(1000),
  version: text.max(1000).default(''),
  type: text.default(''),
  purl: text.default(''),
  upstreams: z.array(z.object({ name: text, version: optionalText })).nullish(),
});
export type GrypePackage = z.infer<typeof packageSchema>;

const matchSchema = z.object({
  vulnerability: z.object({
    id: text.min(1).max(200),
    dataSource: optionalText,
    namespace: optionalText,
    severity: optionalText,
    description: optionalText,
    cvss: z.array(cvss).nullish(),
    epss: z.array(z.object({ epss: z.number() })).nullish(),
    knownExploited: z.array(z.unknown()).nullish(),
    fix: z
      .object({
        versions: z.array(text).nullish(),
        state: optionalText,
        available: z.array(z.object({ version: text, date: optionalText })).nullish(),
      })
      .nullish(),
    advisories: z.array(z.object({ id: text })).nullish(),
  }),
  relatedVulnerabilities: z
    .array(z.object({ id: text, description: optionalText, cvss: z.array(cvss).nullish() }))
    .nullish(),
  artifact: packageSchema,
});
export type GrypeMatch = z.infer<typeof matchSchema>;

export const reportSchema = z.object({
  matches: z.array(matchSchema),
  /** Left out by versions before 0.104. */
  alertsByPackage: z
    .array(
      z.object({
        package: z.object({ name: text }),
        alerts: z.array(z.object({ type: text, message: text.default('') })).nullish(),
      }),
    )
    .nullish(),
  source: z.object({
    type: text.default(''),
    target: z.object({ manifestDigest: optionalText, repoDigests: z.array(text).nullish() }),
  }),
  distro: z.object({ name: text.default(''), version: text.default('') }).nullish(),
  descriptor: z.object({
    name: text,
    version: text.max(100),
    db: z
      .object({
        /** Schema 5 of the database. */
        built: optionalText,
        error: z.unknown().optional(),
        /** Schema 6. */
        status: z
          .object({ built: optionalText, valid: z.boolean().optional(), error: z.unknown().optional() })
          .nullish(),
      })
      .nullish(),
  }),
});
