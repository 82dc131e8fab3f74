import type { Digest } from '../../core/digest.ts';
import type { Descriptor, StoredManifest } from '../../core/image.ts';
import type { ManifestPointer } from '../../core/repository.ts';
import type { AttachedVex } from '../../core/vex.ts';
import type { UpstreamConfig } from '../../registry/upstream/config.ts';

/** Where the bytes of a blob lie. Plain data: any thread can read them there. */
export type BlobPlace =
  /** `size` bytes of a file from `start` on; null: up to its end. */
  | { readonly kind: 'file'; readonly file: string; readonly start: number; readonly size: number | null }
  /** `path`: the repository's at the upstream. */
  | { readonly kind: 'upstream'; readonly upstream: UpstreamConfig; readonly path: string };

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
  /** Where a thread can read the blob by itself; null: only `blob` gives it. */
  place(descriptor: Descriptor): BlobPlace | null;
  /** What VEX is attached to one of its images; null where nothing can be. */
  attached(digest: Digest): Promise<AttachedVex | null>;
  close(): Promise<void>;
}
