import { createHash } from 'node:crypto';
import { type Digest, digestAlgorithm, digestHex } from '../core/digest.ts';
import { isPratiqueError, PratiqueError } from '../core/errors.ts';
import type { HostedRecords } from '../core/ports/hosted.ts';
import type { Records } from '../core/ports/records.ts';
import type { ManifestPointer, RepositoryAddress } from '../core/repository.ts';
import { type AttachmentDescriptor, parseReferrers } from '../registry/referrers.ts';
import type { UpstreamClient } from '../registry/upstream/client.ts';
import type { Blobs } from './ports.ts';

/** Where what is attached to images of one repository is read from. */
export interface AttachmentSource {
  /** What refers to a digest; null where the registry has no such list. */
  referrers(subject: Digest): Promise<readonly AttachmentDescriptor[] | null>;
  /** null: there is none. */
  manifest(pointer: ManifestPointer): Promise<{ readonly digest: Digest; readonly bytes: Uint8Array } | null>;
  /** The bytes of a small blob, verified. */
  blob(descriptor: Pick<AttachmentDescriptor, 'digest' | 'size'>): Promise<Uint8Array>;
}

/** Pages of a list that are read. */
const mostPages = 4;

export function upstreamAttachments(client: UpstreamClient, path: string): AttachmentSource {
  return {
    referrers: async (subject) => {
      const found: AttachmentDescriptor[] = [];
      let page: string | null = null;
      for (let read = 0; read < mostPages; read += 1) {
        const answer = await client.getReferrers(path, subject, page);
        if (answer === null) return read === 0 ? null : found;
        found.push(...parseReferrers(answer.bytes));
        page = answer.next;
        if (page === null) break;
      }
      return found;
    },
    manifest: async (pointer) => {
      try {
        const { digest, bytes } = await client.getManifest(path, pointer);
        return { digest, bytes };
      } catch (error) {
        if (isPratiqueError(error) && error.code === 'manifest-unknown') return null;
        throw error;
      }
    },
    blob: async ({ digest, size }) => {
      const { body, cancel } = await client.openBlob(path, digest);
      const chunks: Uint8Array[] = [];
      let received = 0;
      for await (const chunk of body) {
        received += chunk.length;
        if (received > size) break;
        chunks.push(chunk);
      }
      if (received > size) cancel();
      return verified(digest, size, Buffer.concat(chunks), received);
    },
  };
}

export function hostedAttachments(
  records: Pick<Records, 'getManifest' | 'getTag' | 'isProven'> & Pick<HostedRecords, 'manifestsWithSubject'>,
  blobs: Blobs,
  address: RepositoryAddress,
): AttachmentSource {
  return {
    referrers: async (subject) => {
      const page = { last: null, count: 1000, bytes: 4 * 1024 * 1024 };
      const { manifests } = await records.manifestsWithSubject(address, subject, page);
      return manifests.map(({ digest, mediaType, bytes }) => ({
        mediaType,
        digest,
        size: bytes.length,
        artifactType: null,
        predicateType: null,
      }));
    },
    manifest: async (pointer) => {
      const digest = pointer.kind === 'digest' ? pointer.digest : await records.getTag(address, pointer.tag);
      return digest === null ? null : records.getManifest(address, digest);
    },
    blob: async ({ digest, size }) => {
      if (!(await records.isProven(address, digest))) throw other(digest, 'is not in the repository');
      const bytes = await blobs.bytes(digest);
      return verified(digest, size, bytes, bytes.length);
    },
  };
}

function verified(digest: Digest, size: number, bytes: Uint8Array, received: number): Uint8Array {
  if (received !== size) throw other(digest, `has not the ${size} bytes that its manifest says`);
  const found = createHash(digestAlgorithm(digest)).update(bytes).digest('hex');
  if (found !== digestHex(digest)) throw other(digest, 'has other content than its digest says');
  return bytes;
}

function other(digest: Digest, what: string): PratiqueError {
  return new PratiqueError('digest-mismatch', `the blob ${digest} ${what}`, { digest });
}
