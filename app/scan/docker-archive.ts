import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Digest, parseDigest } from '../../core/digest.ts';
import { PratiqueError } from '../../core/errors.ts';
import type { Descriptor } from '../../core/image.ts';
import { formatReference, parseImageReference } from '../../core/reference.ts';
import { configLimit, layerLimit, manifestLimit, parseImageConfig } from '../../registry/manifest.ts';
import { parseStrictJson } from '../../registry/strict-json.ts';
import type { Archive } from './archive/archive.ts';
import { archiveFault } from './archive/fault.ts';
import type { ImageSource, SourceManifest } from './source.ts';

const listed = 'manifest.json';
const configType = 'application/vnd.docker.container.image.v1+json';
const layerType = 'application/vnd.docker.image.rootfs.diff.tar';
const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
const mostImages = 1000;

const path = z.string().min(1).max(4096);
const imagesSchema = z
  .array(
    z.object({
      Config: path,
      RepoTags: z.array(z.string().max(1024)).max(1000).nullish(),
      Layers: z.array(path).max(layerLimit).nullable(),
    }),
  )
  .max(mostImages);
type SavedImage = z.infer<typeof imagesSchema>[number];

/**
 * An image of what `docker save` writes (Docker image specification, "Combined image JSON + filesystem changeset format"). It has
 * no manifest that a registry would know: its layers are told by the digests of their unpacked bytes.
 * @param wanted a tag, a reference, or `@` and a position; null: the one image that is there
 * @throws PratiqueError `manifest-invalid`, `manifest-unknown`, `image-config-invalid`
 */
export async function openDockerArchive(archive: Archive, wanted: string | null): Promise<ImageSource> {
  const image = choose(archive.file, await imagesIn(archive), wanted);
  const config = await archive.read(image.Config, configLimit);
  const layers = layersOf(archive, image, config);
  const memberOf = new Map<Descriptor, string>(layers);
  const configDescriptor = descriptorOf(configType, hashOf(config), config.length);
  memberOf.set(configDescriptor, image.Config);
  const member = (descriptor: Descriptor): string => {
    const found = memberOf.get(descriptor);
    if (found === undefined) throw new Error('a blob of another image');
    return found;
  };
  const found: SourceManifest = {
    digest: null,
    manifest: {
      kind: 'image',
      mediaType: manifestType,
      subject: null,
      hazards: [],
      config: configDescriptor,
      layers: layers.map(([descriptor]) => descriptor),
    },
  };
  return {
    reference: `docker-archive:${archive.file}${wanted === null ? '' : `:${wanted}`}`,
    names: [],
    inRegistry: false,
    manifest: () => Promise.resolve(found),
    blob: (descriptor) => Promise.resolve(archive.stream(member(descriptor))),
    place: (descriptor) => archive.blobPlace(member(descriptor)),
    checkedBy: 'diff-ids',
    position: archive.forwardOnly ? (descriptor) => archive.place(member(descriptor)).position : null,
    attached: () => Promise.resolve(null),
    close: archive.close,
  };
}

async function imagesIn(archive: Archive): Promise<readonly SavedImage[]> {
  const { file } = archive;
  if (!archive.has(listed)) {
    const other = archive.has('index.json')
      ? `it is an OCI archive: oci-archive:${file}`
      : archive.has('repositories')
        ? 'it was written by a Docker older than 1.10: load it and save it again'
        : 'it is no archive that docker save writes';
    throw archiveFault(file, `it has no ${listed}; ${other}`);
  }
  const bytes = await archive.read(listed, manifestLimit);
  let content: unknown;
  try {
    content = parseStrictJson(bytes, { names: ['Config', 'RepoTags', 'Layers'], maps: ['LayerSources'] });
  } catch (error) {
    throw archiveFault(file, `its ${listed}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = imagesSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw archiveFault(
    file,
    `its ${listed}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not as it has to be'}`,
  );
}

function choose(file: string, images: readonly SavedImage[], wanted: string | null): SavedImage {
  const named =
    wanted === null
      ? images
      : images.filter(
          (image, at) => `@${at}` === wanted || image.RepoTags?.some((name) => isNamed(name, wanted)),
        );
  const [image] = named;
  if (image !== undefined && named.length === 1) return image;
  const there = images
    .map(({ RepoTags }, at) => (RepoTags == null || RepoTags.length === 0 ? `@${at}` : RepoTags.join(' ')))
    .join(', ');
  throw new PratiqueError(
    'manifest-unknown',
    wanted === null
      ? `${file} holds ${images.length} images (${there}): name one, as in docker-archive:${file}:NAME`
      : `${file} holds ${named.length} images named "${wanted}"; there are: ${there}`,
    { file },
  );
}

/** By tag alone, as it is written, or as another spelling of the same name. */
function isNamed(name: string, wanted: string): boolean {
  return name === wanted || name.endsWith(`:${wanted}`) || canonical(name) === canonical(wanted);
}

function canonical(name: string): string {
  try {
    return formatReference(parseImageReference(name));
  } catch {
    // What Docker has written and nobody can read is still a name, as it stands.
    return name;
  }
}

function layersOf(
  archive: Archive,
  image: SavedImage,
  config: Buffer,
): readonly (readonly [Descriptor, string])[] {
  const { file } = archive;
  const members = image.Layers ?? [];
  const diffIds = parseImageConfig(config)?.diffIds;
  if (diffIds === undefined || diffIds.length !== members.length) {
    throw new PratiqueError(
      'image-config-invalid',
      `${file} cannot be read: "${image.Config}" names ${diffIds?.length ?? 'no'} diff_ids for ${members.length} layers`,
      { file },
    );
  }
  return members.map((path, at) => {
    const { size } = archive.place(path);
    return [descriptorOf(layerType, diffIds[at], size), path] as const;
  });
}

function descriptorOf(mediaType: string, digest: Digest | undefined, size: number): Descriptor {
  if (digest === undefined) throw new Error('a layer without a digest');
  return { mediaType, digest, size, platform: null };
}

function hashOf(bytes: Buffer): Digest {
  const digest = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  if (digest === null) throw new Error('a computed digest did not parse');
  return digest;
}
