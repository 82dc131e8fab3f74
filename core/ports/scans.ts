import type { Digest } from '../digest.ts';
import type { MatchResult } from '../finding.ts';
import type { Inventory } from '../inventory.ts';
import type { Verdict } from '../verdict.ts';

/** What opens a registry for one scan. Secret: never logged, never put into an error. */
export type RegistryAuthorization =
  | { readonly kind: 'none' }
  /** Used through the registry's token exchange where it asks for one. */
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** Sent as it is. */
  | { readonly kind: 'bearer'; readonly token: string };

/** An image manifest in a registry that Pratique need not stand in front of. */
export interface ScanSource {
  /** Origin of the registry's API: `https://harbor.corp`, `http://core:8080`. */
  readonly registry: string;
  /** Whether the one who asks has said that the registry may be spoken to without TLS. */
  readonly insecure: boolean;
  readonly authorization: RegistryAuthorization;
  /** The repository's path: `library/nginx`. */
  readonly repository: string;
  readonly digest: Digest;
}

/** Everything that is known of one image, made under the advisories and the policy of the moment. */
export interface Scanned {
  readonly inventory: Inventory;
  readonly match: MatchResult;
  readonly verdict: Verdict;
}

/** Scans of images wherever they lie. One per digest, however many ask; shared with the gates. */
export interface ImageScans {
  /**
   * What is recorded of the digest, judged now, without asking the registry; null where it has to be fetched.
   * @throws PratiqueError `advisories-missing`, `advisories-unreadable`
   */
  known(source: ScanSource): Promise<Scanned | null>;
  /**
   * Fetches and analyses what is not known yet.
   * @param onProgress layers done, of so many
   * @throws PratiqueError `upstream-refused` where the registry does not (or no longer) accept the authorization,
   * other `upstream-…`, `manifest-unknown`, `blob-unknown`, `manifest-invalid` (an index too: it is no image),
   * `queue-full`, `advisories-…`. What is wrong with the image itself is in inventory and verdict.
   */
  scan(source: ScanSource, onProgress: (done: number, total: number) => void): Promise<Scanned>;
  /** Changes with the advisories and with the policy: the same revision, the same answer. Null: no advisories. */
  revision(): string | null;
}
