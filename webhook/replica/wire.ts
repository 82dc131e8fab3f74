import { z } from 'zod';
import { gateNames } from '../../core/context.ts';
import { type Digest, parseDigest } from '../../core/digest.ts';
import { type ErrorCode, errorTable } from '../../core/errors.ts';
import { replicaSchemaVersion } from '../../core/replica.ts';
import { severities } from '../../core/severity.ts';

/** What a proxy may tell, by shape. Keys that are not known here are left out: a newer proxy may say more. */

const name = z.string().min(1).max(512);
const sentence = z.string().max(8_000);
const time = z.iso.datetime({ offset: true }).max(64);
const digest = z
  .string()
  .max(200)
  .transform((text, context): Digest => {
    const read = parseDigest(text);
    if (read !== null) return read;
    context.addIssue({ code: 'custom', message: 'no digest' });
    return z.NEVER;
  });
const version = z.literal(replicaSchemaVersion);
const cursor = z.int().min(0);
const finalStatus = z.enum(['pass', 'warn', 'fail', 'error']);
const severity = z.enum(severities);
const ids = z.array(name).max(1000);

const address = z.object({ upstream: name, namespace: name, path: name });

const rule = z.object({
  id: name,
  action: z.enum(['deny', 'warn', 'info', 'error']),
  title: sentence,
  why: sentence.nullable(),
  remedy: sentence.nullable(),
  controls: ids,
  graceUntil: time.nullable(),
  findings: z.int().min(0),
});

const named = { id: name, aliases: ids, package: z.string().max(1024) };
const count = z.int().min(0);
const counts = z.object({
  critical: count,
  high: count,
  medium: count,
  low: count,
  negligible: count,
  unknown: count,
});

/** What no gate acts on is not looked into: the proxy sends none of it. */
const nothing = z.array(z.unknown()).transform((): never[] => []);

export const verdictSchema = z.object({
  status: finalStatus,
  policy: name,
  policyRevision: name,
  advisoriesRevision: z.string().max(512),
  scanner: z.string().max(512),
  rules: z.array(rule).max(1000),
  reasons: z.array(sentence).max(1000),
  summary: z.object({
    counts,
    fixable: count,
    worst: z
      .array(
        z.object({
          ...named,
          version: z.string().max(1024),
          severity,
          fixedVersion: z.string().max(1024).nullable(),
          kev: z.boolean().nullable(),
          status: z.enum(['affected', 'fixed', 'will_not_fix', 'under_investigation', 'undetermined']),
        }),
      )
      .max(20),
  }),
  coverage: nothing,
  suppressed: nothing,
  blockers: z.object({
    complete: z.boolean(),
    list: z
      .array(
        z.object({
          rule: name,
          finding: z.object({ ...named, source: z.string().max(1024) }).nullable(),
        }),
      )
      .max(1000),
  }),
  evaluatedAt: time,
  validUntil: time.nullable(),
  next: z.object({ at: time, status: finalStatus }).nullable(),
});

export const verdictEntrySchema = z.object({
  digest,
  policy: name,
  verdict: verdictSchema,
  since: time,
  images: z.array(z.string().max(1024)).max(10_000),
});

/** As much of it as tells whose it is. */
export const verdictKeySchema = z.object({ digest, policy: name });

export const imageSchema = z.object({
  repository: address,
  digest,
  platforms: z.array(z.object({ platform: z.string().max(512).nullable(), digest })).max(1000),
  unfit: z.array(sentence).max(1000),
  tags: z.array(z.string().min(1).max(128)).max(100_000),
});

export const imageKeySchema = z.object({ repository: address, digest });

/** Each is read by itself: one that does not fit must not keep back all the others. */
const entries = z.array(z.unknown()).max(10_000);

export const pageSchema = z.object({
  schemaVersion: version,
  records: name,
  ground: name,
  forgotten: z.array(name).max(10_000),
  verdicts: entries,
  cursor,
  last: cursor,
});

export const imagesSchema = z.object({
  schemaVersion: version,
  records: name,
  images: entries,
  gone: z.array(z.object({ repository: address, digest })).max(10_000),
  cursor,
  last: cursor,
});

export const goneSchema = z.object({ schemaVersion: version, error: sentence, reset: z.literal(true) });

const codes: ReadonlySet<string> = new Set(Object.keys(errorTable));
const failure = z.object({
  code: z.string().refine((code): code is ErrorCode => codes.has(code)),
  message: sentence,
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

export const vetSchema = z.object({
  schemaVersion: version,
  asked: z.object({ upstream: name, path: name, pointer: name }),
  image: z.unknown(),
  verdicts: entries,
  failures: z.array(z.object({ digest, failure })).max(1000),
  failure: failure.nullable(),
});

const names = z.array(name).max(10_000);
const exception = z.object({
  id: z.string().min(1).max(100),
  advisory: name,
  package: name.nullable(),
  image: name.nullable(),
  scope: z.object({ policies: names, gates: z.array(z.enum(gateNames)), clusters: names, namespaces: names }),
  reason: sentence,
  author: sentence,
  ticket: sentence.nullable(),
  expires: name,
  endsAt: z.int(),
  grantedAt: time,
  revoked: z.object({ at: time, by: sentence, reason: sentence }).nullable(),
});

export const groundSchema = z.object({
  schemaVersion: version,
  revision: name,
  policy: z.object({
    source: z.string().max(4096).nullable(),
    texts: z.record(z.string().max(4096), z.string()),
    revision: name,
  }),
  exceptions: z.array(exception).max(100_000),
  names: z.object({
    upstreams: z.array(z.object({ name, namespace: name, url: z.string().max(4096).nullable() })).max(10_000),
    publicNames: names,
    boundNames: z.record(name, name),
  }),
});
