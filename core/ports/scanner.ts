import type { Digest } from '../digest.ts';
import type { Finding } from '../finding.ts';
import type { PackageType } from '../inventory.ts';

/** Scanners of others that Pratique can ask. `harbor`: whatever answers Harbor's pluggable scanner API. */
export const otherScanners = ['trivy', 'grype', 'harbor'] as const;
export type OtherScannerName = (typeof otherScanners)[number];

/**
 * How another scanner reaches one image: its own door, and rights that are good for this image and nothing else.
 * Secret: never logged, never put into an error.
 */
export interface ImagePull {
  /** `http://127.0.0.1:34567`, without a path. */
  readonly registry: string;
  readonly repository: string;
  readonly digest: Digest;
  /** Of the manifest. */
  readonly mediaType: string;
  readonly username: string;
  readonly password: string;
}

/** What a report says of which packages were looked at. A list of findings alone does not tell clean from unseen. */
export interface Looked {
  /** null: the system's own packages were held against their distribution's advisories; else why they were not. */
  readonly system: string | null;
  /** Kinds of packages that are the same on every system. */
  readonly types: readonly PackageType[];
}

/** What another scanner says of one image. */
export interface ScannerReport {
  readonly scanner: { readonly name: string; readonly version: string };
  /** When its advisories were made, ISO 8601; null: it does not say, so nobody knows how old they are. */
  readonly databaseAt: string | null;
  readonly looked: Looked;
  /** As it tells them: `kev` is true or null, `epss` what it knows. */
  readonly findings: readonly Finding[];
}

/** A scanner of others, behind whatever interface it has. */
export interface OtherScanner {
  readonly name: OtherScannerName;
  /**
   * Bounded in time, in memory, and in how many run at once.
   * @param signal ends it
   * @throws PratiqueError `scanner-unavailable` where it cannot be asked, `scanner-failed` where it gives no report that can
   * be read or one of another image, `queue-full`
   */
  scan(pull: ImagePull, signal?: AbortSignal): Promise<ScannerReport>;
}

/** An image as it is handed to another scanner. */
export interface ImageToPull {
  /** Of people and policies: `docker.io/library/nginx`. */
  readonly name: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly manifest: Uint8Array;
  /** Config and layers, with their sizes in bytes. */
  readonly blobs: readonly { readonly digest: Digest; readonly size: number }[];
  /** The bytes of one of these; they may still turn out to be wrong, and then the stream fails. */
  open(digest: Digest): Promise<AsyncIterable<Uint8Array>>;
}

/** Where other scanners pull. */
export interface PullDoor {
  /** Lets somebody pull this image, and nothing else, while `work` runs. */
  during<Result>(image: ImageToPull, work: (pull: ImagePull) => Promise<Result>): Promise<Result>;
}
