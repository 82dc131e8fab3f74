import type { Digest } from '../core/digest.ts';
import type { PlainError } from '../core/errors.ts';
import type { Descriptor, ImageConfig, ImageManifest } from '../core/image.ts';
import type { Inventory } from '../core/inventory.ts';
import type { PackageMatches } from '../core/match.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import type { BlobsInUse } from '../registry/blob-leases.ts';
import type { UpstreamClient } from '../registry/upstream/client.ts';
import type { LayerAnalysis } from '../scanner/layer.ts';
import type { ScanSettings } from '../scanner/settings.ts';

/** Runs layers through download and analysis, off the event loop. */
export interface LayerRunner {
  /**
   * Fetches the layer into the blob store, analysing the bytes as they arrive.
   * @throws PratiqueError when the bytes could not be had; what is wrong with whole, verified bytes is a result
   */
  fetch(address: RepositoryAddress, layer: Descriptor): Promise<LayerOutcome>;
  /** Analyses a layer that is already in the store. */
  analyse(layer: Descriptor): Promise<LayerOutcome>;
  /** Lays an image's layers over each other (`assembleInventory`). */
  assemble(image: ImageParts): Promise<Inventory>;
}

/** Everything that is known of an image's bytes; `layers` are in the manifest's order. */
export interface ImageParts {
  readonly manifest: ImageManifest;
  readonly read: ConfigRead;
  readonly layers: readonly LayerOutcome[];
  /** Those that the layers were analysed with. */
  readonly settings: ScanSettings;
}

/** What the config blob turned out to be; `problem`: readers could take it for different things. */
export interface ConfigRead {
  readonly config: ImageConfig | null;
  readonly problem: string | null;
}

export type LayerOutcome =
  | { readonly kind: 'analysed'; readonly analysis: LayerAnalysis }
  /** The bytes are what the digest says, and cannot be read: a fact about the layer. */
  | { readonly kind: 'unreadable'; readonly error: PlainError };

/** Matches inventories against the current advisories, off the event loop. */
export interface Matcher {
  /** The current revision; null when there are no advisories. */
  revision(): string | null;
  /** @throws PratiqueError `advisories-missing`, `advisories-unreadable` */
  match(inventory: Inventory): Promise<PackageMatches>;
}

export interface Upstreams {
  /** The client of the address's upstream. */
  client(address: RepositoryAddress): UpstreamClient;
}

/** What vetting uses of the blob store. */
export interface Blobs extends BlobsInUse {
  has(digest: Digest): Promise<boolean>;
  /** @throws PratiqueError `blob-unknown` */
  size(digest: Digest): Promise<number>;
  /** The bytes of a small blob that is in the store. */
  bytes(digest: Digest): Promise<Uint8Array>;
  /** Evicts what may go, because the disk had no room for so many bytes. */
  makeRoom(bytes: number): Promise<void>;
}
