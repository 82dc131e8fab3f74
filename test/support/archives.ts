import { type Built, type BuiltImage, manifestsOf, sha256 } from './images.ts';
import { type TarEntry, writeTar } from './tar.ts';

/** `old`: a folder for each layer, as Docker wrote until 25. `new`: an OCI layout with a manifest.json beside it. */
export type DockerDialect = 'old' | 'new';

export interface SavedImage {
  readonly image: BuiltImage;
  readonly tags: readonly string[];
  /** Members that manifest.json names instead of those that are written. */
  readonly layers?: readonly string[];
}

const hex = (digest: string): string => digest.slice(digest.indexOf(':') + 1);

/** What `docker save` writes: the members in its order, manifest.json last. */
export function dockerArchive(
  images: readonly SavedImage[],
  dialect: DockerDialect = 'old',
  more: readonly TarEntry[] = [],
): Buffer {
  const listed = images.map(({ image, tags, layers }) => ({
    Config: configPath(image, dialect),
    RepoTags: tags,
    Layers: layers ?? image.layers.map((layer) => layerPath(layer.digest, dialect)),
  }));
  const members = new Map<string, Buffer>();
  for (const { image } of images) {
    members.set(configPath(image, dialect), image.config.bytes);
    for (const { digest, bytes } of image.layers) members.set(layerPath(digest, dialect), bytes);
    if (dialect === 'new') members.set(layerPath(image.manifest.digest, dialect), image.manifest.bytes);
  }
  return writeTar([
    ...folders(dialect === 'old' ? [] : ['blobs/', 'blobs/sha256/']),
    ...[...members].map(([path, content]) => ({ path, content })),
    ...more,
    ...(dialect === 'old' ? [] : layoutFiles(images.map(({ image, tags }) => [image, tags]))),
    { path: 'manifest.json', content: JSON.stringify(listed) },
  ]);
}

function configPath({ config }: BuiltImage, dialect: DockerDialect): string {
  return dialect === 'old' ? `${hex(config.digest)}.json` : `blobs/sha256/${hex(config.digest)}`;
}

function layerPath(digest: string, dialect: DockerDialect): string {
  return dialect === 'old' ? `${hex(digest)}/layer.tar` : `blobs/sha256/${hex(digest)}`;
}

/** An OCI image layout as a tar archive: tag → image or index. */
export function ociArchive(images: Readonly<Record<string, Built>>, more: readonly TarEntry[] = []): Buffer {
  const blobs = new Map<string, Buffer>();
  for (const built of Object.values(images)) {
    for (const [digest, bytes] of built.blobs) blobs.set(digest, bytes);
    for (const { digest, bytes } of manifestsOf(built)) blobs.set(digest, bytes);
  }
  return writeTar([
    ...folders(['blobs/', 'blobs/sha256/']),
    ...[...blobs].map(([digest, content]) => ({ path: `blobs/sha256/${hex(digest)}`, content })),
    ...more,
    ...layoutFiles(Object.entries(images).map(([tag, built]) => [built, [tag]])),
  ]);
}

function folders(paths: readonly string[]): TarEntry[] {
  return paths.map((path) => ({ path }));
}

function layoutFiles(images: readonly (readonly [Built, readonly string[]])[]): TarEntry[] {
  const manifests = images.flatMap(([{ manifest }, tags]) =>
    tags.map((tag) => ({
      mediaType: manifest.mediaType,
      digest: manifest.digest,
      size: manifest.bytes.length,
      annotations: { 'org.opencontainers.image.ref.name': tag },
    })),
  );
  return [
    { path: 'oci-layout', content: JSON.stringify({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', content: JSON.stringify({ schemaVersion: 2, manifests }) },
  ];
}

/** The same image with other bytes in a layer than its config says. */
export function withOtherLayer(image: BuiltImage, bytes: Buffer): BuiltImage {
  const [first, ...rest] = image.layers;
  if (first === undefined) throw new Error('an image without layers');
  return { ...image, layers: [{ ...first, digest: sha256(bytes), bytes }, ...rest] };
}
