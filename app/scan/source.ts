import type { Digest } from '../../core/digest.ts';
import type { Descriptor, Manifest, StoredManifest } from '../../core/image.ts';
import type { ManifestPointer } from '../../core/repository.ts';
import type { AttachedVex } from '../../core/vex.ts';
import type { UpstreamConfig } from '../../registry/upstream/config.ts';

/** Where the bytes of a blob lie. Plain data: any thread can read them there. */
export type BlobPlace =
  /** `size` bytes of a file from `start` on; null: up to its end. */
  | { readonly kind: 'file'; readonly file: string; readonly start: number; readonly size: number | null }
  /** `path`: the repository's at the upstream. */
  | { readonly kind: 'upstream'; readonly upstream: UpstreamConfig; readonly path: string };

/** Without a digest: there is none, the manifest was put together here. */
export type SourceManifest = StoredManifest | { readonly digest: null; readonly manifest: Manifest };

/** Where a scan reads an image from: a registry, a folder or an archive. */
export interface ImageSource {
  /** How the person named it. */
  readonly reference: string;
  /** Whether its name means the same elsewhere. */
  readonly inRegistry: boolean;
  /** Names that exceptions of a policy are matched with. */
  readonly names: readonly string[];
  /** What the target means; null for "the one image that is there". */
  manifest(pointer: ManifestPointer | null): Promise<SourceManifest>;
  /** The blob's bytes, not yet verified. */
  blob(descriptor: Descriptor): Promise<AsyncIterable<Uint8Array>>;
  /** Where a thread can read the blob by itself; null: only `blob` gives it. */
  place(descriptor: Descriptor): BlobPlace | null;
  /**
   * How it is known that bytes are the right ones. `blobs`: each has the digest and size that its descriptor says. `diff-ids`:
   * descriptors have the digest of the unpacked bytes, which the inventory compares (vetting/content.ts), and no size.
   */
  readonly checkedBy: 'blobs' | 'diff-ids';
  /** Where blobs have to be read one after the other: what they are ordered by. null: in any order, at once. */
  readonly position: ((descriptor: Descriptor) => number) | null;
  /** What VEX is attached to one of its images; null where nothing can be. */
  attached(digest: Digest): Promise<AttachedVex | null>;
  close(): Promise<void>;
}
