import type { Digest } from '../digest.ts';
import type { MatchResult } from '../finding.ts';
import type { Inventory } from '../inventory.ts';
import type { Verdict } from '../verdict.ts';

/** A manifest that a repository is known to hold. */
export interface ManifestRecord {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** Blobs it refers to, config included; what may be served once it is. */
  readonly blobs: readonly Digest[];
}

export interface VerdictRecord {
  readonly digest: Digest;
  readonly verdict: Verdict;
}

/** Everything that outlives the process. Asynchronous, so that another engine can stand behind it. */
export interface Records {
  putManifest(repository: string, manifest: ManifestRecord): Promise<void>;
  getManifest(repository: string, digest: Digest): Promise<ManifestRecord | null>;
  putTag(repository: string, tag: string, digest: Digest, seenAt: string): Promise<void>;
  getTag(repository: string, tag: string): Promise<Digest | null>;
  /** Manifests of this repository that refer to the blob. */
  manifestsWithBlob(repository: string, blob: Digest): Promise<readonly Digest[]>;
  /** That the upstream holds this blob in this repository (and did not merely have it named there). */
  provenBlobs(repository: string, blobs: readonly Digest[]): Promise<ReadonlySet<Digest>>;
  proveBlob(repository: string, blob: Digest): Promise<void>;

  getLayer(digest: Digest, analyzers: string): Promise<string | null>;
  putLayer(digest: Digest, analyzers: string, analysis: string): Promise<void>;

  getInventory(digest: Digest, analyzers: string): Promise<Inventory | null>;
  putInventory(digest: Digest, inventory: Inventory): Promise<void>;
  getMatch(digest: Digest, advisoriesRevision: string): Promise<MatchResult | null>;

  /** Findings and verdict in one transaction. */
  putJudgement(digest: Digest, match: MatchResult, verdict: Verdict): Promise<void>;
  getVerdict(digest: Digest, policyRevision: string): Promise<Verdict | null>;
  /** The newest verdict of every image, for the gates' memory at start. */
  verdicts(): Promise<readonly VerdictRecord[]>;
  close(): Promise<void>;
}
