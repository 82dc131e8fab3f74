import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Digest, digestAlgorithm, digestHex, parseDigest } from '../core/digest.ts';

/** A digest in JSON. */
export const digestSchema = z.string().transform((text, context): Digest => {
  const digest = parseDigest(text);
  if (digest !== null) return digest;
  context.addIssue({ code: 'custom', message: `"${text.slice(0, 100)}" is not a sha256 or sha512 digest` });
  return z.NEVER;
});

const shortText = z.string().max(255);

/** A content descriptor as it stands in a manifest (OCI image spec, "Properties"). */
export const rawDescriptorSchema = z.object({
  mediaType: shortText,
  digest: digestSchema,
  size: z.int().nonnegative(),
  urls: z.array(z.string()).nullish(),
  data: z.string().nullish(),
  platform: z.object({ os: shortText, architecture: shortText, variant: shortText.optional() }).nullish(),
});

export type RawDescriptor = z.infer<typeof rawDescriptorSchema>;

/**
 * What makes a descriptor unfit to be followed: `urls` let a client fetch the content from elsewhere, and
 * embedded `data` is used instead of the blob, so it has to be the blob.
 */
export function descriptorHazards(role: string, descriptor: RawDescriptor): string[] {
  const hazards: string[] = [];
  if (descriptor.urls != null && descriptor.urls.length > 0) {
    hazards.push(`the ${role} ${descriptor.digest} names other places to fetch it from (urls)`);
  }
  if (descriptor.data != null && !isContentOf(descriptor.data, descriptor.digest, descriptor.size)) {
    hazards.push(
      `the ${role} ${descriptor.digest} has other content embedded (data) than its digest and size say`,
    );
  }
  return hazards;
}

/** An index entry may embed nothing at all: it would hand out a manifest that is gated by its own digest. */
export function childHazards(descriptor: RawDescriptor): string[] {
  const embedded =
    descriptor.data == null ? [] : [`the manifest ${descriptor.digest} is embedded in its index (data)`];
  return [...descriptorHazards('manifest', descriptor), ...embedded];
}

/** Whether base64 `text` is exactly the content; what decoders read differently is not. */
function isContentOf(text: string, digest: Digest, size: number): boolean {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text || bytes.length !== size) return false;
  return createHash(digestAlgorithm(digest)).update(bytes).digest('hex') === digestHex(digest);
}
