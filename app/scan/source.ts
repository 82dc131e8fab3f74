import type { Digest } from '../../core/digest.ts';
import type { Descriptor, StoredManifest } from '../../core/image.ts';
import type { ManifestPointer } from '../../core/repository.ts';
import type { AttachedVex } from '../../core/vex.ts';

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
  /** What VEX is attached to one of its images; null where nothing can be. */
  attached(digest: Digest): Promise<AttachedVex | null>;
  close(): Promise<void>;
}
