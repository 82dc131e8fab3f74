import type { Readable } from 'node:stream';
import type { Digest } from '../../core/digest.ts';
import type { ManifestPointer } from '../../core/repository.ts';
import type { Actions } from './bearer-realm.ts';
import type { OpenBlob } from './blob-body.ts';
import type { Breaker } from './breaker.ts';
import type { AddressBook } from './dispatchers.ts';
import type { Limiter } from './limiter.ts';
import type { UpstreamObserver } from './observer.ts';

/** Everything is null that the upstream does not say. */
export interface ManifestHead {
  readonly digest: Digest | null;
  readonly mediaType: string | null;
  /** Bytes. */
  readonly size: number | null;
  readonly etag: string | null;
  /** The manifest is the one whose `etag` was asked with. */
  readonly isUnchanged: boolean;
}

/**
 * One upstream registry. `path` is the repository's path there. Every method may throw PratiqueError
 * `upstream-unreachable`, `upstream-refused`, `upstream-throttled` (field `retryAfter`, seconds or null),
 * `upstream-misbehaved` and, before anything is dialled, `repository-denied`.
 */
export interface UpstreamClient {
  /**
   * What a pointer means now.
   * @param etag of an answer before: where it still holds the upstream may say no more than that
   * @throws PratiqueError `manifest-unknown`
   */
  headManifest(path: string, pointer: ManifestPointer, etag?: string | null): Promise<ManifestHead>;
  /**
   * The manifest's bytes with the digest that they have, which is the one that was asked for or announced.
   * `mediaType` is the `Content-Type` without parameters, `etag` for asking whether it is still so (`headManifest`).
   * @throws PratiqueError `manifest-unknown`, `manifest-too-large`, `digest-mismatch`
   */
  getManifest(
    path: string,
    pointer: ManifestPointer,
  ): Promise<{
    readonly bytes: Uint8Array;
    readonly mediaType: string | null;
    readonly digest: Digest;
    readonly etag: string | null;
  }>;
  /**
   * A page of what refers to a digest (distribution specification, "Listing Referrers"); null where the upstream has no
   * such list. @param page that which the page before named as `next`; null: the first
   * @throws PratiqueError `manifest-too-large`
   */
  getReferrers(
    path: string,
    digest: Digest,
    page: string | null,
  ): Promise<{ readonly bytes: Uint8Array; readonly next: string | null } | null>;
  /** Whether this repository holds a blob, and its size in bytes (null where the upstream does not say). */
  headBlob(path: string, digest: Digest): Promise<{ readonly size: number | null } | null>;
  /**
   * A blob's bytes, not verified: `BlobStore.write` does that. The body has to be read or cancelled.
   * @throws PratiqueError `blob-unknown`; `blob-truncated` from within the body; the signal's reason
   */
  openBlob(path: string, digest: Digest, signal?: AbortSignal): Promise<OpenBlob>;
  /**
   * Pushes a blob of so many bytes, unless the repository has it.
   * @param open called again where the first attempt came to nothing
   * @throws PratiqueError `upload-invalid` where the upstream does not take it
   */
  putBlob(
    path: string,
    blob: { readonly digest: Digest; readonly size: number },
    open: () => Readable,
  ): Promise<void>;
  /**
   * Hands a manifest on, byte for byte.
   * @throws PratiqueError `manifest-invalid` where the upstream does not take it
   */
  putManifest(path: string, pointer: ManifestPointer, mediaType: string, bytes: Uint8Array): Promise<void>;
  /** @throws PratiqueError `manifest-unknown` */
  deleteManifest(path: string, pointer: ManifestPointer): Promise<void>;
  /**
   * A place among what this upstream may be asked at once, for a request that is passed on; called, it gives it back.
   * @throws PratiqueError `repository-denied`
   */
  enter(path: string): Promise<() => void>;
  /** The `Authorization` for a request that is passed on to this repository; null where it needs none. */
  authorization(path: string): Promise<string | null>;
  close(): Promise<void>;
}

export interface ClientDependencies {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What tokens are asked for; left out: `pull`. */
  readonly actions?: Actions;
  /** Shared by all who ask this upstream; left out: one of its own, by the configuration's limits. */
  readonly limiter?: Limiter;
  readonly observe?: UpstreamObserver;
  /** Of a mirror, by its url; left out: one of its own. */
  readonly breakerOf?: (url: string) => Breaker;
  readonly addresses?: AddressBook;
}
