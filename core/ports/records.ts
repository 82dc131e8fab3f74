import type { Digest } from '../digest.ts';
import type { MatchResult } from '../finding.ts';
import type { Inventory } from '../inventory.ts';
import type { RepositoryAddress } from '../repository.ts';
import type { EvaluatedMatch } from './verdicts.ts';

/** A manifest that a repository is known to hold. */
export interface ManifestRecord {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** Blobs it refers to with their sizes in bytes, config included; what may be served once it is. */
  readonly blobs: readonly { readonly digest: Digest; readonly size: number }[];
}

/** An inventory with the time at which its image was analysed, ISO 8601. */
export interface RecordedInventory {
  readonly inventory: Inventory;
  readonly scannedAt: string;
}

/** Everything that outlives the process. Asynchronous, so that another engine can stand behind it. */
export interface Records {
  putManifest(address: RepositoryAddress, manifest: ManifestRecord): Promise<void>;
  /** The manifest, if this repository's own upstream has given it. */
  getManifest(address: RepositoryAddress, digest: Digest): Promise<ManifestRecord | null>;
  /** Canonical names of the repositories that hold the manifest, sorted. */
  imagesOf(digest: Digest): Promise<readonly string[]>;
  putTag(address: RepositoryAddress, tag: string, digest: Digest, seenAt: string): Promise<void>;
  getTag(address: RepositoryAddress, tag: string): Promise<Digest | null>;
  /** As `getTag`, with the time at which it was seen there last, ISO 8601. */
  tagSeen(
    address: RepositoryAddress,
    tag: string,
  ): Promise<{ readonly digest: Digest; readonly seenAt: string } | null>;
  /** The tag leads nowhere any more, unless it leads elsewhere by now. */
  dropTag(address: RepositoryAddress, tag: string, digest: Digest): Promise<void>;
  /** Manifests of this repository that refer to the blob, with the size that they give it. */
  manifestsWithBlob(
    address: RepositoryAddress,
    blob: Digest,
  ): Promise<readonly { readonly manifest: Digest; readonly size: number }[]>;
  /** Whether this repository's upstream was seen to hold the blob (a manifest that names it is no proof). */
  isProven(address: RepositoryAddress, blob: Digest): Promise<boolean>;
  prove(address: RepositoryAddress, blob: Digest): Promise<void>;

  /** A layer's analysis as JSON text. */
  getLayer(digest: Digest, analyzers: string): Promise<string | null>;
  putLayer(digest: Digest, analyzers: string, analysis: string): Promise<void>;

  getInventory(digest: Digest, analyzers: string): Promise<RecordedInventory | null>;
  /** @param scannedAt ISO 8601 */
  putInventory(digest: Digest, inventory: Inventory, scannedAt: string): Promise<void>;
  /** Images whose inventory is recorded, for judging them again. */
  inventoried(analyzers: string): Promise<readonly Digest[]>;
  /**
   * What is found in the recorded inventory under this revision (null: under the one that all records are right for);
   * null: something of it is not known.
   */
  getMatch(digest: Digest, advisoriesRevision: string | null): Promise<MatchResult | null>;
  /** Kept where it was found under the revision that all records are right for. */
  putMatch(found: EvaluatedMatch): Promise<void>;
  /**
   * Takes out packages that no image has any more, of a few after `after` (0: of the first).
   * Returns where to go on; null: that was all.
   */
  sweepPackages(after: number): Promise<number | null>;
  close(): Promise<void>;
}
