import { createHash } from 'node:crypto';
import { type Digest, digestAlgorithm, digestHex, parseDigest } from '../../core/digest.ts';
import { PratiqueError } from '../../core/errors.ts';
import type { Descriptor, StoredManifest } from '../../core/image.ts';
import type { ManifestPointer } from '../../core/repository.ts';
import { manifestLimit, parseManifest } from '../../registry/manifest.ts';
import type { LayoutPlace } from './layout-place.ts';
import type { ImageSource } from './source.ts';

/** The tag; and, by containerd and Docker, the whole name beside it. */
const refName = 'org.opencontainers.image.ref.name';
const imageName = 'io.containerd.image.name';

interface IndexEntry {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly names: readonly string[];
}

/** An OCI image layout (image-layout specification). */
export function openLayout(place: LayoutPlace, tag: string | null): ImageSource {
  return {
    reference: `${place.prefix}${place.name}${tag === null ? '' : `:${tag}`}`,
    names: [],
    inRegistry: false,
    manifest: async (pointer) => {
      const entry = await choose(place, tag, pointer);
      return check(entry, await place.read(blobPath(entry.digest), manifestLimit));
    },
    blob: (descriptor: Descriptor) => Promise.resolve(place.stream(blobPath(descriptor.digest))),
    place: ({ digest }) => place.place(blobPath(digest)),
    checkedBy: 'blobs',
    position: place.position === null ? null : ({ digest }) => place.position?.(blobPath(digest)) ?? 0,
    attached: () => Promise.resolve(null),
    close: place.close,
  };
}

function blobPath(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
}

async function choose(
  place: LayoutPlace,
  tag: string | null,
  pointer: ManifestPointer | null,
): Promise<IndexEntry> {
  if (pointer?.kind === 'digest') return { digest: pointer.digest, mediaType: '', names: [] };
  const entries = await entriesOf(place);
  const named = tag === null ? entries : entries.filter((entry) => entry.names.includes(tag));
  const [entry] = named;
  if (entry !== undefined && named.length === 1) return entry;
  const { name } = place;
  const there = entries.map((one) => one.names[0] ?? one.digest).join(', ');
  throw new PratiqueError(
    'manifest-unknown',
    tag === null
      ? `${name} holds ${entries.length} images (${there}): name one, as in ${place.prefix}${name}:TAG`
      : `${name} holds ${named.length} images named "${tag}"; there are: ${there}`,
    { place: name },
  );
}

async function entriesOf(place: LayoutPlace): Promise<IndexEntry[]> {
  const file = place.shown('index.json');
  const refuse = (why: string): PratiqueError =>
    new PratiqueError('manifest-invalid', `${file} is no index of an OCI image layout: ${why}`, { file });
  let index: unknown;
  try {
    index = JSON.parse((await place.read('index.json', manifestLimit)).toString('utf8'));
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
    const notes = Object(annotations) as Record<string, unknown>;
    return {
      digest: parsed,
      mediaType: typeof mediaType === 'string' ? mediaType : '',
      names: [notes[refName], notes[imageName]].filter((name) => typeof name === 'string'),
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
