import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Built, manifestsOf } from './images.ts';

/** Writes an OCI image layout (image-layout specification): tag → image or index. */
export async function writeLayout(dir: string, images: Readonly<Record<string, Built>>): Promise<void> {
  const blobs = join(dir, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const put = (digest: string, bytes: Uint8Array): Promise<void> =>
    writeFile(join(blobs, digest.slice('sha256:'.length)), bytes);
  for (const built of Object.values(images)) {
    for (const { digest, bytes } of manifestsOf(built)) await put(digest, bytes);
    for (const [digest, bytes] of built.blobs) await put(digest, bytes);
  }
  await writeFile(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const manifests = Object.entries(images).map(([tag, { manifest }]) => ({
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.bytes.length,
    annotations: { 'org.opencontainers.image.ref.name': tag },
  }));
  await writeFile(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
}
