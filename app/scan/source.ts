import type { Descriptor, StoredManifest } from '../../core/image.ts';
import type { ManifestPointer } from '../../core/repository.ts';

/** Where a scan reads an image from: a registry or a folder. */
export interface ImageSource {
  /** How the person named it. */
  readonly reference: string;
  /** Names that exceptions of a policy are matched with. */
  readonly names: readonly string[];
  /** What the target means; null for "the one image that is there". */
  manifest(pointer: ManifestPointer | null): Promise<StoredManifest>;
  /** The blob's bytes, not yet verified. */
  blob(descriptor: Descriptor): Promise<AsyncIterable<Uint8Array>>;
  close(): Promise<void>;
}
