import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Digest, parseDigest } from '../../core/digest.ts';
import type { Descriptor } from '../../core/image.ts';
import { parseManifest } from '../../registry/manifest.ts';
import { ociManifestType } from '../../registry/media-types.ts';
import { unreadable } from './header.ts';
import type { Packed } from './pack.ts';

/** What tells an export of advisories from any other artifact (OCI image spec 1.1, "Guidelines for Artifact Usage"). */
export const artifactType = 'application/vnd.pratique.advisories.v1';
/** No type that a runtime would unpack (ADR 0008). */
export const layerType = 'application/vnd.pratique.advisories.v1.sqlite+zstd';
export const revisionAnnotation = 'io.pratique.advisories.revision';
export const schemaAnnotation = 'io.pratique.advisories.schema';
const createdAnnotation = 'org.opencontainers.image.created';

/** The empty descriptor of the image specification: a config that says nothing. */
export const emptyConfig = Buffer.from('{}');
const emptyType = 'application/vnd.oci.empty.v1+json';

export function sha256Of(bytes: Uint8Array): Digest {
  const digest = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  if (digest === null) throw new Error('a computed digest did not parse');
  return digest;
}

/** The manifest of an export. Equal exports have equal manifests. */
export function writeArtifact({ header, bytes, digest }: Packed): {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: Digest;
} {
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: ociManifestType,
      artifactType,
      config: { mediaType: emptyType, digest: sha256Of(emptyConfig), size: emptyConfig.length, data: 'e30=' },
      layers: [
        {
          mediaType: layerType,
          digest,
          size: bytes,
          annotations: { 'org.opencontainers.image.title': `advisories-${header.revision}.zst` },
        },
      ],
      annotations: {
        [createdAnnotation]: header.created,
        [revisionAnnotation]: header.revision,
        [schemaAnnotation]: String(header.schemaVersion),
      },
    }),
  );
  return { mediaType: ociManifestType, bytes: manifest, digest: sha256Of(manifest) };
}

const typeSchema = z.object({ artifactType: z.string().max(255).optional() });

/**
 * The one layer of an export's manifest. Its annotations are for people; what counts stands in the export itself.
 * @throws PratiqueError `advisories-unreadable`, `manifest-invalid`
 */
export function readArtifact(where: string, bytes: Uint8Array, mediaType: string | null): Descriptor {
  const manifest = parseManifest(bytes, mediaType);
  if (manifest.kind === 'index') throw unreadable(where, 'is an index, and no export of advisories');
  const stated = typeSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  const type = stated.data?.artifactType ?? manifest.config.mediaType;
  const [layer] = manifest.layers;
  if (type !== artifactType || layer?.mediaType !== layerType || manifest.layers.length !== 1) {
    throw unreadable(where, `is no export of advisories: it is of type "${type.slice(0, 100)}"`);
  }
  const [hazard] = manifest.hazards;
  if (hazard !== undefined) throw unreadable(where, `is not as an export is: ${hazard}`);
  return layer;
}
