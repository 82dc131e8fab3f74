import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the shaped upstream serves. */
export interface ShapedFolder {
  /** Blobs by their digest's hex. */
  readonly blobs: string;
  /** @param reference a tag or a digest @throws Error where there is none */
  manifest(reference: string): { readonly bytes: Buffer; readonly digest: string };
}

/** Either an OCI image layout, or a folder with one image: `manifest.json`, its digest in `digest.json`, and its blobs. */
export function openShaped(dir: string): ShapedFolder {
  if (!existsSync(join(dir, 'index.json'))) {
    const bytes = readFileSync(join(dir, 'manifest.json'));
    const { digest } = JSON.parse(readFileSync(join(dir, 'digest.json'), 'utf8')) as { digest: string };
    return { blobs: dir, manifest: () => ({ bytes, digest }) };
  }
  const blobs = join(dir, 'blobs', 'sha256');
  const { manifests } = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8')) as {
    manifests: { digest: string; annotations: Record<string, string> }[];
  };
  const tags = new Map(
    manifests.map(({ digest, annotations }) => [annotations['org.opencontainers.image.ref.name'], digest]),
  );
  return {
    blobs,
    manifest: (reference) => {
      const digest = tags.get(reference) ?? reference;
      return { bytes: readFileSync(join(blobs, digest.replace('sha256:', ''))), digest };
    },
  };
}
