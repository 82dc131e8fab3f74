import type { Digest } from './digest.ts';
import type { PlainError } from './errors.ts';
import type { GrantedException } from './exception.ts';
import type { RepositoryAddress } from './repository.ts';
import type { Verdict } from './verdict.ts';

/** Version of what a proxy tells gates that run on their own (`/gates/v1/…`). */
export const replicaSchemaVersion = 1;

/** What verdicts are acted on by: `GET /gates/v1/ground`. All of it is parsed again by whoever receives it. */
export interface ReplicaGround {
  readonly schemaVersion: typeof replicaSchemaVersion;
  /** Names it by its content. */
  readonly revision: string;
  /** What the policy set is made from, and what it then has to be: its revision with the granted exceptions. */
  readonly policy: {
    readonly source: string | null;
    readonly texts: Readonly<Record<string, string>>;
    readonly revision: string;
  };
  readonly exceptions: readonly GrantedException[];
  /** By which image references are read into addresses. */
  readonly names: {
    readonly upstreams: readonly {
      readonly name: string;
      readonly namespace: string;
      readonly url: string | null;
    }[];
    readonly publicNames: readonly string[];
    /** Host → name of the upstream that it stands for. */
    readonly boundNames: Readonly<Record<string, string>>;
  };
}

/**
 * Stands as the revision of a policy where what a proxy told could not be read: no proxy tells an empty one. Such a verdict is an
 * `error` whatever the policy in force is, so that nobody is let in for what might have been a refusal.
 */
export const unreadRevision = '';

/** What stands of one platform's manifest by one policy. */
export interface ReplicaVerdict {
  readonly digest: Digest;
  readonly policy: string;
  /** Without what no gate acts on (`forGates`). */
  readonly verdict: Verdict;
  /** Since when its status is what it is, ISO 8601. */
  readonly since: string;
  /** Canonical names of the repositories that hold it. */
  readonly images: readonly string[];
}

/**
 * A page of `GET /gates/v1/changes?after=CURSOR&records=RECORDS&ground=REVISION&limit=N&wait=SECONDS`. Waits where there is
 * nothing after the cursor and the ground is the one that is named. 410 with a `ReplicaGone` where the cursor is not of
 * these records.
 */
export interface ReplicaPage {
  readonly schemaVersion: typeof replicaSchemaVersion;
  /**
   * Names the records that the cursor belongs to, and is given back with it. Another one in an answer is no news (every
   * start of a proxy has its own, and knows those before it); whether a cursor still counts is what 410 says.
   */
  readonly records: string;
  /** Revision of the ground now. */
  readonly ground: string;
  /**
   * Policies whose verdicts were all forgotten after the cursor that was asked for: what is held of them goes before
   * `verdicts` are taken.
   */
  readonly forgotten: readonly string[];
  /** What stands by now of whatever has changed; each digest and policy at most once. */
  readonly verdicts: readonly ReplicaVerdict[];
  /** After which to go on. */
  readonly cursor: number;
  /** The newest one: equal to `cursor` where all is read. */
  readonly last: number;
}

/** Status 410 of `/gates/v1/changes` and `/gates/v1/images`: records were restored, or are others. */
export interface ReplicaGone {
  readonly schemaVersion: typeof replicaSchemaVersion;
  readonly error: string;
  /** What was read goes when all is read anew; verdicts that stand by themselves (`validUntil`) may be used until then. */
  readonly reset: true;
}

/** A manifest as a repository holds it, and what it stands for. */
export interface ReplicaImage {
  readonly repository: RepositoryAddress;
  readonly digest: Digest;
  /**
   * The manifests of the named platforms, indexes in indexes resolved: all of them have to be allowed. An image is its own
   * only one.
   */
  readonly platforms: readonly { readonly platform: string | null; readonly digest: Digest }[];
  /** What of it is not to be judged, each a sentence: where there is any, it is as `Ruler.unfit` says, whatever else stands. */
  readonly unfit: readonly string[];
  /** Tags that meant it when they were last heard. */
  readonly tags: readonly string[];
}

/**
 * A page of `GET /gates/v1/images?after=CURSOR&records=RECORDS&limit=N`: what has come, or has other tags, since the cursor
 * (0: everything). Its cursor is another one than that of the changes.
 */
export interface ReplicaImages {
  readonly schemaVersion: typeof replicaSchemaVersion;
  /** As in `ReplicaPage`. */
  readonly records: string;
  /** Each repository and digest at most once. */
  readonly images: readonly ReplicaImage[];
  /** Repositories that do not hold a manifest any more. */
  readonly gone: readonly { readonly repository: RepositoryAddress; readonly digest: Digest }[];
  /** After which to go on. */
  readonly cursor: number;
  /** The newest one: equal to `cursor` where all is read. */
  readonly last: number;
}

/** `POST /gates/v1/vet`: what stands of a reference, whose vetting begins with this where nothing does. */
export interface VetAsked {
  /** Name of the upstream, and the path below it. */
  readonly upstream: string;
  readonly path: string;
  /** A tag or a digest. */
  readonly pointer: string;
  /** How long it may be waited for what is not known yet. */
  readonly milliseconds: number;
}

export interface VetAnswer {
  readonly schemaVersion: typeof replicaSchemaVersion;
  /** As it was asked. */
  readonly asked: Pick<VetAsked, 'upstream' | 'path' | 'pointer'>;
  /** null: the reference could not be resolved, see `failure`, or not within the time (`failure` is null too). */
  readonly image: ReplicaImage | null;
  /** Of all platforms, by every policy. What is missing is not known yet, or is in `failures`. */
  readonly verdicts: readonly ReplicaVerdict[];
  /** Platforms whose vetting failed. */
  readonly failures: readonly { readonly digest: Digest; readonly failure: PlainError }[];
  readonly failure: PlainError | null;
}
