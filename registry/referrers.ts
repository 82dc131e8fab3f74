import { z } from 'zod';
import { type Digest, digestAlgorithm, digestHex } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import { digestSchema } from './descriptor.ts';
import { childLimit, layerLimit, manifestLimit } from './manifest.ts';

/** A descriptor as far as it tells what is attached to something. Nothing of it is believed. */
export interface AttachmentDescriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly artifactType: string | null;
  /** What an in-toto statement in it is said to be about, by whichever tool has put it there. */
  readonly predicateType: string | null;
}

const descriptor = z.object({
  mediaType: z.string().max(255),
  digest: digestSchema,
  size: z.int().nonnegative(),
  artifactType: z.string().max(255).nullish(),
  annotations: z.record(z.string(), z.unknown()).nullish(),
});
const index = z.object({ manifests: z.array(descriptor).max(childLimit).nullish() });
const manifest = z.object({ layers: z.array(descriptor).max(layerLimit).nullish() });

/** Annotations under which cosign, Sigstore's bundles and BuildKit tell a predicate's type. */
const predicateKeys = ['predicateType', 'dev.sigstore.bundle.predicateType', 'in-toto.io/predicate-type'];

/** A list of referrers (distribution specification, "Listing Referrers"). @throws PratiqueError `manifest-invalid` */
export function parseReferrers(bytes: Uint8Array): readonly AttachmentDescriptor[] {
  return (parse(bytes, index, 'list of referrers').manifests ?? []).map(described);
}

/** What a list of referrers tells of one, without `data` and `urls`: nothing leads to content but its digest. */
export interface Referrer {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly artifactType?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

const listed = z.object({
  schemaVersion: z.literal(2),
  manifests: z
    .array(
      z.object({
        mediaType: z.string().max(255),
        digest: digestSchema,
        size: z.int().nonnegative(),
        artifactType: z
          .string()
          .max(255)
          .nullish()
          .transform((type) => type ?? undefined),
        annotations: z
          .record(z.string(), z.string())
          .nullish()
          .transform((all) => all ?? undefined),
      }),
    )
    .max(childLimit)
    // As Go writes a list of nothing.
    .nullable(),
});

/** The same list, to be told on. What is not wholly a list is none. @throws PratiqueError `manifest-invalid` */
export function parseReferrerList(bytes: Uint8Array): readonly Referrer[] {
  return parse(bytes, listed, 'list of referrers').manifests ?? [];
}

/**
 * The tag under which a list of referrers lies where a registry has none of its own (distribution specification,
 * "Referrers Tag Schema"): of a longer digest the first 64 characters.
 */
export function referrersTag(subject: Digest): string {
  return `${digestAlgorithm(subject)}-${digestHex(subject).slice(0, 64)}`;
}

/** The layers of a manifest that is attached to something. @throws PratiqueError `manifest-invalid` */
export function parseAttachment(bytes: Uint8Array): readonly AttachmentDescriptor[] {
  return (parse(bytes, manifest, 'attached manifest').layers ?? []).map(described);
}

function parse<Shape extends z.ZodType>(bytes: Uint8Array, shape: Shape, what: string): z.output<Shape> {
  if (bytes.length > manifestLimit) throw invalid(what, `it has more than ${manifestLimit} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw invalid(what, 'it is not JSON');
  }
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalid(what, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is not as it has to be'}`);
}

function described(raw: z.output<typeof descriptor>): AttachmentDescriptor {
  const { mediaType, digest, size, artifactType, annotations } = raw;
  const predicate = predicateKeys.map((key) => annotations?.[key]).find((value) => typeof value === 'string');
  return {
    mediaType,
    digest,
    size,
    artifactType: artifactType ?? null,
    predicateType: typeof predicate === 'string' ? predicate : null,
  };
}

function invalid(what: string, why: string): PratiqueError {
  return new PratiqueError('manifest-invalid', `the ${what} cannot be read: ${why.slice(0, 200)}`);
}
