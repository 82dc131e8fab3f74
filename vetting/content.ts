import type { Digest } from '../core/digest.ts';
import { isPratiqueError } from '../core/errors.ts';
import type { ImageConfig, ImageManifest } from '../core/image.ts';
import type { Inventory } from '../core/inventory.ts';
import { parseImageConfig } from '../registry/manifest.ts';
import { buildInventory } from '../scanner/inventory.ts';
import type { ConfigRead, ImageParts, LayerOutcome } from './ports.ts';

/**
 * Media types that some runtime unpacks into a root filesystem: OCI and Docker layers, foreign ones, and
 * encrypted ones (`+encrypted`), whose bytes tell nothing without the key.
 */
const unpackable =
  /^application\/vnd\.(?:oci\.image\.layer\.|docker\.image\.rootfs\.|docker\.container\.image\.rootfs\.)|\+encrypted$/;

/** A config that cannot be read is a fact about the image; what follows from it is decided by `unfitness`. */
export function readConfig(bytes: Uint8Array): ConfigRead {
  try {
    return { config: parseImageConfig(bytes), problem: null };
  } catch (error) {
    if (isPratiqueError(error) && error.code === 'image-config-invalid') {
      return { config: null, problem: error.message };
    }
    throw error;
  }
}

/** The inventory of an image all of whose bytes are known. */
export function assembleInventory({ manifest, read, layers, settings }: ImageParts): Inventory {
  const readable = layers.flatMap((layer, index) => {
    const digest: Digest | null = manifest.layers[index]?.digest ?? null;
    return layer.kind === 'analysed' ? [{ digest, analysis: layer.analysis }] : [];
  });
  const unfit = unfitness(manifest, read, layers);
  const inventory = buildInventory({ layers: readable, config: read.config, unfit, settings });
  return { ...inventory, content: contentOf(manifest, read.config, layers) };
}

/** Whether a manifest is an image or something that no runtime would unpack (ADR 0008). */
export function contentOf(
  manifest: ImageManifest,
  config: ImageConfig | null,
  layers: readonly LayerOutcome[],
): 'image' | 'artifact' {
  if (manifest.layers.some((layer) => unpackable.test(layer.mediaType))) return 'image';
  if (layers.some((layer) => layer.kind === 'unreadable')) return 'image';
  const anyTar = layers.some((layer) => layer.kind === 'analysed' && layer.analysis.tar);
  return anyTar && config !== null ? 'image' : 'artifact';
}

/**
 * What makes an image unfit to be judged: each a sentence. Decided from whole, verified bytes, so it is a fact
 * about the image. `layers` are in the manifest's order.
 */
export function unfitness(
  manifest: ImageManifest,
  { config, problem }: ConfigRead,
  layers: readonly LayerOutcome[],
): string[] {
  const unfit = [...manifest.hazards, ...(problem === null ? [] : [problem])];
  const content = contentOf(manifest, config, layers);
  layers.forEach((layer, index) => {
    const digest = manifest.layers[index]?.digest ?? 'unknown';
    if (layer.kind === 'unreadable') unfit.push(`layer ${digest} cannot be read: ${layer.error.message}`);
    else if (!layer.analysis.tar && content === 'image') {
      unfit.push(`layer ${digest} is no tar archive, so nobody can say what a runtime would make of it`);
    }
  });
  if (content === 'artifact' || problem !== null) return unfit;
  if (config === null) {
    unfit.push(`the config ${manifest.config.digest} is no image config: it has no rootfs.diff_ids`);
    return unfit;
  }
  if (config.diffIds.length !== layers.length) {
    unfit.push(
      `the config names ${config.diffIds.length} diff_ids for ${layers.length} layers: what would run is not what the manifest says`,
    );
    return unfit;
  }
  layers.forEach((layer, index) => {
    const stated = config.diffIds[index];
    if (layer.kind === 'analysed' && layer.analysis.diffId !== stated) {
      unfit.push(
        `layer ${manifest.layers[index]?.digest ?? index} unpacks to ${layer.analysis.diffId}, but the config's diff_ids say ${stated ?? 'nothing'}`,
      );
    }
  });
  return unfit;
}
