/** Bounds of one vetting and of all together; docs/configuration.md says which of them the configuration sets. */
export interface VettingLimits {
  /** Images inspected at the same time. */
  readonly concurrent: number;
  /** Images that may wait for their turn; one more is answered "not yet". */
  readonly queued: number;
  /** Sum of a manifest's layer sizes, bytes. */
  readonly imageBytes: number;
  /** What all layers of an image tell of paths and packages, characters. Large images reach a tenth. */
  readonly toldCharacters: number;
  /** An image config, bytes. */
  readonly configBytes: number;
  /** How deep indexes may nest. */
  readonly indexDepth: number;
  /** Manifests that an index and the indexes in it may name in all. */
  readonly indexDescriptors: number;
  /** Bytes of all manifests that an index and those in it name for the named platforms. */
  readonly indexBytes: number;
  /** How long a transient failure is remembered, milliseconds: keeps a client's immediate retries off the upstream. */
  readonly failureMemory: number;
}

export const defaultVettingLimits: VettingLimits = {
  concurrent: 8,
  queued: 1000,
  imageBytes: 32 * 1024 ** 3,
  toldCharacters: 128 * 1024 ** 2,
  configBytes: 8 * 1024 ** 2,
  indexDepth: 4,
  indexDescriptors: 1000,
  indexBytes: 16 * 1024 ** 2,
  failureMemory: 2000,
};
