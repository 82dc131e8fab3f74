import { z } from 'zod';
import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { Descriptor, Manifest } from '../core/image.ts';
import { childHazards, descriptorHazards, type RawDescriptor, rawDescriptorSchema } from './descriptor.ts';
import {
  bareMediaType,
  isForeignLayerType,
  isSchema1Type,
  type ManifestShape,
  manifestShapes,
  ociIndexType,
  ociManifestType,
} from './media-types.ts';
import { parseStrictJson } from './strict-json.ts';

export { configLimit, parseImageConfig } from './image-config.ts';

/** Bytes: the size that the distribution specification asks registries to take at least. */
export const manifestLimit = 4 * 1024 ** 2;
export const layerLimit = 512;
export const childLimit = 1000;

const rules = {
  names: [
    'schemaVersion',
    'mediaType',
    'artifactType',
    'config',
    'layers',
    'manifests',
    'subject',
    'digest',
    'size',
    'urls',
    'data',
    'platform',
    'os',
    'architecture',
    'variant',
  ],
  maps: ['annotations'],
};

const descriptors = (limit: number, what: string) =>
  z
    .array(rawDescriptorSchema)
    .max(limit, { error: `has more than ${limit} ${what}` })
    .nullable();

const manifestSchema = z.object({
  schemaVersion: z.literal(2, { error: 'is not 2' }),
  mediaType: z.string().max(255).nullish(),
  config: rawDescriptorSchema.nullish(),
  layers: descriptors(layerLimit, 'layers').optional(),
  manifests: descriptors(childLimit, 'manifests').optional(),
  subject: rawDescriptorSchema.nullish(),
});

type RawManifest = z.infer<typeof manifestSchema>;

/**
 * Reads a manifest and tells by its content whether it is an image or an index. What can be read but must not be
 * judged as it stands is in `hazards`.
 * @param contentType as the registry gave it, parameters and all; null where it gave none
 * @throws PratiqueError `manifest-too-large`, `manifest-invalid`, `limit-exceeded`
 */
export function parseManifest(bytes: Uint8Array, contentType: string | null): Manifest {
  if (bytes.length > manifestLimit) {
    throw new PratiqueError(
      'manifest-too-large',
      `the manifest has ${bytes.length} bytes, the limit is ${manifestLimit}`,
      { bytes: bytes.length, limit: manifestLimit },
    );
  }
  const announced = bareMediaType(contentType);
  if (announced !== null && isSchema1Type(announced)) throw schema1();
  const raw = parseRaw(bytes);
  const hasImage = raw.layers !== undefined || (raw.config !== undefined && raw.config !== null);
  const hasIndex = raw.manifests !== undefined;
  if (!hasImage && !hasIndex) throw invalid('it has neither "manifests" nor "config" and "layers"');

  const shape: ManifestShape = hasImage ? 'image' : 'index';
  const hazards = shapeHazards(shape, hasImage && hasIndex, raw.mediaType ?? null);
  if (hazards.length === 0) refuseOtherShape(shape, announced);
  const stated = raw.mediaType ?? (announced !== null && manifestShapes.has(announced) ? announced : null);
  const mediaType = stated ?? (shape === 'image' ? ociManifestType : ociIndexType);
  const subject = raw.subject?.digest ?? null;
  if (raw.subject != null) hazards.push(...descriptorHazards('subject', raw.subject));

  if (shape === 'index') {
    const manifests = raw.manifests ?? [];
    hazards.push(...manifests.flatMap((child) => childHazards(child)));
    return { kind: 'index', mediaType, subject, hazards, manifests: manifests.map(descriptorOf) };
  }
  const { config } = raw;
  if (config === undefined || config === null) throw invalid('it has "layers" and no "config"');
  if (raw.layers === undefined) throw invalid('it has a "config" and no "layers"');
  const layers = raw.layers ?? [];
  hazards.push(...descriptorHazards('config', config));
  for (const layer of layers) {
    hazards.push(...descriptorHazards('layer', layer));
    if (isForeignLayerType(layer.mediaType)) {
      hazards.push(
        `the layer ${layer.digest} is of type ${layer.mediaType}: its content comes from elsewhere`,
      );
    }
  }
  return {
    kind: 'image',
    mediaType,
    subject,
    hazards,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
  };
}

/** The blobs that a manifest refers to, each once, config first; an index refers to none. */
export function blobsOf(manifest: Manifest): readonly Descriptor[] {
  if (manifest.kind === 'index') return [];
  const blobs = new Map<Digest, Descriptor>();
  for (const blob of [manifest.config, ...manifest.layers]) {
    if (!blobs.has(blob.digest)) blobs.set(blob.digest, blob);
  }
  return [...blobs.values()];
}

function parseRaw(bytes: Uint8Array): RawManifest {
  let content: unknown;
  try {
    content = parseStrictJson(bytes, rules);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  if (typeof content === 'object' && content !== null) {
    if ('schemaVersion' in content && content.schemaVersion === 1) throw schema1();
    if ('fsLayers' in content) throw schema1();
  }
  const parsed = manifestSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'it' : `its ${issue.path.join('.')}`;
  if (issue?.code === 'too_big' && issue.origin === 'array') {
    throw new PratiqueError('limit-exceeded', `the manifest cannot be taken: ${where} ${issue.message}`);
  }
  throw invalid(`${where}: ${issue?.message ?? 'is not as it has to be'}`);
}

/** What one registry says of a content is no property of its digest, which others hold too: it is not recorded. */
function refuseOtherShape(shape: ManifestShape, announced: string | null): void {
  const promised = announced === null ? undefined : manifestShapes.get(announced);
  if (announced === null || promised === undefined || promised === shape) return;
  throw invalid(`the registry announced it as "${clip(announced)}", but its content is an ${shape}`);
}

function shapeHazards(shape: ManifestShape, both: boolean, stated: string | null): string[] {
  const hazards: string[] = [];
  if (both)
    hazards.push('the manifest is an image and an index at once, and readers differ on which one counts');
  if (stated !== null && manifestShapes.get(stated) !== shape) {
    hazards.push(`the manifest says of itself that it is "${clip(stated)}", but its content is an ${shape}`);
  }
  return hazards;
}

function descriptorOf(raw: RawDescriptor): Descriptor {
  const { mediaType, digest, size, platform } = raw;
  if (platform === undefined || platform === null) return { mediaType, digest, size, platform: null };
  const { os, architecture, variant } = platform;
  return {
    mediaType,
    digest,
    size,
    platform: { os, architecture, variant: variant === undefined || variant === '' ? null : variant },
  };
}

function invalid(why: string): PratiqueError {
  return new PratiqueError('manifest-invalid', `the manifest cannot be read: ${why}`);
}

function schema1(): PratiqueError {
  return invalid(
    'it is of Docker schema 1, which is not taken any more; push the image again with a current tool',
  );
}

function clip(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`;
}
