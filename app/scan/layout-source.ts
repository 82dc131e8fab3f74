import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestAlgorithm, digestHex, parseDigest } from '../../core/digest.ts';
import { errorText, PratiqueError } from '../../core/errors.ts';
import type { Descriptor, StoredManifest } from '../../core/image.ts';
import type { ManifestPointer } from '../../core/repository.ts';
import { parseManifest } from '../../registry/manifest.ts';
import { openFile } from './read-layer.ts';
import type { BlobPlace, ImageSource } from './source.ts';

/** Largest index.json or manifest that is read, bytes. */
const largestManifest = 4 * 1024 * 1024;
const refName = 'org.opencontainers.image.ref.name';

interface IndexEntry {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly name: string | null;
}

/** An OCI image layout (image-layout specification) in a folder. */
export function openLayout(dir: string, tag: string | null): ImageSource {
  const blobPath = (digest: Digest): string => join(dir, 'blobs', digestAlgorithm(digest), digestHex(digest));
  const place = ({ digest }: Descriptor): BlobPlace & { readonly kind: 'file' } => ({
    kind: 'file',
    file: blobPath(digest),
    start: 0,
    size: null,
  });
  const reference = `oci:${dir}${tag === null ? '' : `:${tag}`}`;
  return {
    reference,
    names: [],
    manifest: async (pointer) => {
      const entry = await choose(dir, tag, pointer);
      const bytes = await read(blobPath(entry.digest));
      return check(entry, bytes);
    },
    blob: (descriptor: Descriptor) => Promise.resolve(openFile(place(descriptor))),
    place,
    attached: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
}

async function choose(dir: string, tag: string | null, pointer: ManifestPointer | null): Promise<IndexEntry> {
  if (pointer?.kind === 'digest') return { digest: pointer.digest, mediaType: '', name: null };
  const entries = await entriesOf(dir);
  const named = tag === null ? entries : entries.filter((entry) => entry.name === tag);
  const [entry] = named;
  if (entry !== undefined && named.length === 1) return entry;
  const there = entries.map((one) => one.name ?? one.digest).join(', ');
  throw new PratiqueError(
    'manifest-unknown',
    tag === null
      ? `${dir} holds ${entries.length} images (${there}): name one, as in oci:${dir}:TAG`
      : `${dir} holds ${named.length} images named "${tag}"; there are: ${there}`,
    { dir },
  );
}

async function entriesOf(dir: string): Promise<IndexEntry[]> {
  const file = join(dir, 'index.json');
  const refuse = (why: string): PratiqueError =>
    new PratiqueError('manifest-invalid', `${file} is no index of an OCI image layout: ${why}`, { file });
  let index: unknown;
  try {
    index = JSON.parse((await read(file)).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse(error.message);
    throw error;
  }
  if (
    typeof index !== 'object' ||
    index === null ||
    !('manifests' in index) ||
    !Array.isArray(index.manifests)
  ) {
    throw refuse('it has no list "manifests"');
  }
  return index.manifests.map((entry: unknown): IndexEntry => {
    const { digest, mediaType, annotations } = Object(entry) as Record<string, unknown>;
    const parsed = typeof digest === 'string' ? parseDigest(digest) : null;
    if (parsed === null) throw refuse(`"${String(digest)}" is not a digest`);
    const name = Object(annotations) as Record<string, unknown>;
    return {
      digest: parsed,
      mediaType: typeof mediaType === 'string' ? mediaType : '',
      name: typeof name[refName] === 'string' ? name[refName] : null,
    };
  });
}

function check(entry: IndexEntry, bytes: Buffer): StoredManifest {
  const found = createHash(digestAlgorithm(entry.digest)).update(bytes).digest('hex');
  if (found !== digestHex(entry.digest)) {
    throw new PratiqueError(
      'digest-mismatch',
      `manifest ${entry.digest} has other content: its hash is ${found}`,
      {
        digest: entry.digest,
      },
    );
  }
  const manifest = parseManifest(bytes, entry.mediaType === '' ? null : entry.mediaType);
  return { digest: entry.digest, mediaType: manifest.mediaType, bytes, manifest };
}

async function read(file: string): Promise<Buffer> {
  try {
    const bytes = await readFile(file);
    if (bytes.length <= largestManifest) return bytes;
  } catch (error) {
    throw new PratiqueError(
      'manifest-unknown',
      `${file} cannot be read: ${errorText(error)}`,
      { file },
      error,
    );
  }
  throw new PratiqueError('manifest-too-large', `${file} has more than ${largestManifest} bytes`, { file });
}
