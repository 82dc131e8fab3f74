import type { AskContext, Mode } from '../context.ts';
import type { Digest } from '../digest.ts';
import type { PlainError } from '../errors.ts';
import type { StoredManifest } from '../image.ts';
import type { ManifestPointer, RepositoryAddress } from '../repository.ts';
import type { Verdict, VerdictStatus } from '../verdict.ts';

/** What stands of one platform manifest. */
export interface PlatformClearance {
  readonly platform: string | null;
  readonly digest: Digest;
  readonly status: VerdictStatus;
  readonly verdict: Verdict | null;
  /** Why there is no verdict, where vetting failed. */
  readonly failure: PlainError | null;
}

/** Which binding has decided, for whoever asks why. */
export interface Ruled {
  readonly binding: string;
  readonly policy: string;
  readonly mode: Mode;
}

/** What stands of a manifest or an index for one purpose and one asker. `pending` becomes something else by itself. */
export interface Clearance {
  readonly digest: Digest;
  /** What the policy and the context rules say; whether that is acted on is in `allowed`. */
  readonly status: VerdictStatus;
  /** What every gate acts on. Allowed though its status does not allow: the binding's mode only warns or records. */
  readonly allowed: boolean;
  /** null where no binding has had a say: the manifest itself is refused, or its context is not known. */
  readonly ruled: Ruled | null;
  /** Sentences for a person, what decided first. */
  readonly reasons: readonly string[];
  /** One for an image; for an index those that had a say. */
  readonly platforms: readonly PlatformClearance[];
  /** True where waiting may change it: a vetting is under way or its failure was transient. */
  readonly transient: boolean;
}

/**
 * `serve`: an index may be handed out when one of the platforms the operator names is allowed.
 * `admit`: it may run when every one of them is.
 */
export type ClearanceScope = 'serve' | 'admit';

/** What a tag means. */
export interface TagAnswer {
  readonly manifest: StoredManifest;
  /** Seconds since the upstream was heard of it, where it does not answer now; null: it was heard within the tag's time. */
  readonly staleAge: number | null;
}

/**
 * How sure one has to be of a tag. `held`: what was heard within the tag's time does. `now`: the upstream is asked, and
 * what it has said last does where it does not answer. `certain`: it is asked, and has to answer.
 */
export type TagFreshness = 'held' | 'now' | 'certain';

/** The one predicate, as gates see it. Implemented by vetting; held in memory, so that asking is cheap. */
export interface Gate {
  /**
   * What a pointer means now, with the manifest's verbatim bytes. A tag is asked of the upstream each time (`now`);
   * a digest that this repository is known to hold is not.
   * @throws PratiqueError `manifest-unknown`, `manifest-invalid`, `upstream-…`
   */
  resolve(address: RepositoryAddress, pointer: ManifestPointer): Promise<StoredManifest>;
  /** @throws PratiqueError as `resolve` */
  tag(address: RepositoryAddress, tag: string, freshness: TagFreshness): Promise<TagAnswer>;
  /** The manifest of a tag whose upstream was heard within the tag's time, if it is in memory; for the hot path. */
  heldTag(address: RepositoryAddress, tag: string): StoredManifest | null;
  /** The manifest if it is held in memory for this repository; for the hot path. */
  held(address: RepositoryAddress, digest: Digest): StoredManifest | null;
  /** What stands now for who asks; starts vetting where nothing does. The manifest must have been resolved in this repository. */
  clearance(
    address: RepositoryAddress,
    manifest: StoredManifest,
    scope: ClearanceScope,
    asker: AskContext,
  ): Clearance;
  /** As `clearance`, but waits at most `milliseconds` for a pending one. A passed wait answers `pending`, never better. */
  settled(
    address: RepositoryAddress,
    manifest: StoredManifest,
    scope: ClearanceScope,
    asker: AskContext,
    milliseconds: number,
  ): Promise<Clearance>;
  /**
   * Whether a blob may be served from this repository: it may when a manifest there that refers to it may.
   * Waits at most `milliseconds` where that is not decided yet.
   * @throws PratiqueError `blob-unknown`, `upstream-…`
   */
  blob(
    address: RepositoryAddress,
    digest: Digest,
    asker: AskContext,
    milliseconds: number,
  ): Promise<BlobClearance>;
}

export interface BlobClearance {
  readonly status: VerdictStatus;
  /** What gates act on, as in `Clearance`. */
  readonly allowed: boolean;
  readonly ruled: Ruled | null;
  readonly reasons: readonly string[];
  /** Bytes. */
  readonly size: number;
  readonly transient: boolean;
  /** Why nothing is known of the manifests that might clear it, where their vetting failed. */
  readonly failures: readonly PlainError[];
  /** Makes sure that the blob is in the local store. */
  readonly fetch: () => Promise<void>;
  /** As `fetch`, but resolves as soon as the blob's bytes can be followed on their way; null: it is in the store. */
  readonly open: () => Promise<ArrivingBlob | null>;
}

/** A blob whose bytes are still coming. */
export interface ArrivingBlob {
  readonly size: number;
  /**
   * Bytes from `start` to `end` (both inclusive) as they come; the last of them only when the blob is verified and may
   * still be served. `write` must be done with a chunk when it resolves.
   * @throws what prevents that; what `write` throws
   */
  copy(
    range: { readonly start: number; readonly end: number },
    write: (chunk: Uint8Array) => Promise<void>,
  ): Promise<void>;
}

/** An inspection under way, and how far it is. */
export interface PullProgress {
  /** Canonical name of the repository that it was first asked of. */
  readonly image: string;
  readonly digest: Digest;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly layers: { readonly done: number; readonly total: number };
  /** Of its layers. */
  readonly bytes: { readonly arrived: number; readonly total: number };
}

/** What is known of a manifest, before anybody's binding looks at it. */
export interface ManifestFacts {
  /** Those that have a say for admission, indexes in indexes resolved. */
  readonly platforms: readonly { readonly platform: string | null; readonly digest: Digest }[];
  /** What of it is not to be judged, each a sentence. */
  readonly unfit: readonly string[];
  /** Of its platforms, by every policy in force; those of a platform are all there, or none. */
  readonly verdicts: readonly {
    readonly digest: Digest;
    readonly verdict: Verdict;
    readonly images: readonly string[];
  }[];
  /** Why something is not known. */
  readonly failures: readonly { readonly digest: Digest; readonly failure: PlainError }[];
  /** Whether something is still being found out. */
  readonly pending: boolean;
}

/** For gates that run on their own and apply bindings themselves. */
export interface FactFinder extends Pick<Gate, 'resolve'> {
  /** Waits at most `milliseconds` for what is not known; its vetting begins with this. The manifest must have been resolved in this repository. */
  facts(address: RepositoryAddress, manifest: StoredManifest, milliseconds: number): Promise<ManifestFacts>;
}

/** Names from outside, read into addresses by the configured upstreams alone. */
export interface Addressing {
  /** The repository that an image reference means, whether canonical or written with the proxy's own name. */
  locate(registry: string, path: string): RepositoryAddress | null;
  /** Whether a registry's host is a name of the proxy itself, so that what is named so comes through it. */
  isOwn(registry: string): boolean;
}
