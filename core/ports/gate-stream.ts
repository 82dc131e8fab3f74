import type { Digest } from '../digest.ts';
import type { RepositoryAddress } from '../repository.ts';

/** Where somebody has got to, in records that he knows by a name of theirs. */
export interface StreamPlace {
  /** Name of the records (`beginRecords`) that the cursor comes from; null: from nowhere yet, and the cursor counts as 0. */
  readonly records: string | null;
  readonly cursor: number;
}

interface StreamPage {
  /** Name of the records now. */
  readonly records: string;
  /** After which to go on. */
  readonly cursor: number;
  /** The newest one. */
  readonly last: number;
}

/** What stands of whatever has changed. */
export interface StandingPage extends StreamPage {
  /** JSON of a list of `ReplicaVerdict`: made where it is read, since there are thousands. */
  readonly verdicts: string;
  readonly count: number;
  /** Policies whose verdicts were forgotten after the cursor that was asked for. */
  readonly forgotten: readonly string[];
}

/** A manifest that a repository holds, with the tags that meant it when they were last heard. */
export interface HeldManifest {
  readonly address: RepositoryAddress;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly tags: readonly string[];
}

export interface HeldPage extends StreamPage {
  readonly held: readonly HeldManifest[];
  /** Repositories that do not hold a manifest any more. */
  readonly gone: readonly { readonly address: RepositoryAddress; readonly digest: Digest }[];
}

/** What gates that run on their own are told from the records. `gone`: the place is not one of these records. */
export interface GateStream {
  /**
   * Every start of a server gives the records another name, so that cursors of what came after a backup are told from those
   * of what came after its restoration: names that were given before stay good for the cursors of their time.
   */
  beginRecords(name: string): Promise<void>;
  /** At most `limit` verdicts, each digest and policy once, in the order in which they were written. */
  standingAfter(place: StreamPlace, limit: number): Promise<StandingPage | 'gone'>;
  /** At most `limit` of manifests that have come or gone, or have other tags. */
  heldAfter(place: StreamPlace, limit: number): Promise<HeldPage | 'gone'>;
  /** Of these manifests those that the repository holds. */
  manifestsIn(address: RepositoryAddress, digests: readonly Digest[]): Promise<readonly HeldManifest[]>;
}
