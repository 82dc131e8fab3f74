import type { Digest } from './digest.ts';
import type { Platform } from './platform.ts';

/** A content descriptor (OCI image spec), reduced to what decides. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly platform: Platform | null;
}

interface ManifestBase {
  readonly mediaType: string;
  readonly subject: Digest | null;
  /**
   * What makes this manifest unfit to be judged (content by `urls`, embedded `data` that is not what its
   * digest says, a shape that is both image and index): each a sentence. Not empty means verdict `error`.
   */
  readonly hazards: readonly string[];
}

export interface ImageManifest extends ManifestBase {
  readonly kind: 'image';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface IndexManifest extends ManifestBase {
  readonly kind: 'index';
  readonly manifests: readonly Descriptor[];
}

export type Manifest = ImageManifest | IndexManifest;

/** A manifest with its bytes exactly as the registry gave them. */
export interface StoredManifest {
  readonly digest: Digest;
  /** What the `Content-Type` header says, without parameters. */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

/** What the image's config file says of what will run. */
export interface ImageConfig {
  readonly platform: Platform;
  readonly created: string | null;
  readonly user: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** As they are written: `22/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly healthcheck: boolean;
  /** `NAME=VALUE`. Values may be secret: they are looked at and never kept. */
  readonly env: readonly string[];
  /** The command of each step (`created_by`), the first step first; as secret as `env`. */
  readonly history: readonly string[];
  readonly diffIds: readonly Digest[];
}
