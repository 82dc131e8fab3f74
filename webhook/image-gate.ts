import type { AskContext } from '../core/context.ts';
import type { Digest } from '../core/digest.ts';
import type { Clearance, Gate } from '../core/ports/gate.ts';
import type { ManifestPointer, RepositoryAddress } from '../core/repository.ts';

/** An image that a reference stands for now. */
export interface FoundImage {
  readonly digest: Digest;
  /** What stands of it for who asks; waits at most `milliseconds` for what is being found out. */
  settled(asker: AskContext, milliseconds: number): Promise<Clearance>;
}

/** An image of which something stands already. */
export interface KnownImage {
  readonly digest: Digest;
  readonly clearance: Clearance;
}

/** What is asked of images here: the proxy's gate where both are one process, else the replica. */
export interface ImageGate {
  /**
   * The same that `find` and `settled` would come to, where nothing has to be waited for: most reviews are of images that
   * are known, and a promise and a timer for each step would be most of their work. null: it has to be found out. Never throws a
   * PratiqueError.
   */
  known(address: RepositoryAddress, pointer: ManifestPointer, asker: AskContext): KnownImage | null;
  /**
   * @param milliseconds how long it may be looked for
   * @param asker for whom: one namespace does not keep the others waiting
   * @throws PratiqueError as `Gate.resolve`
   */
  find(
    address: RepositoryAddress,
    pointer: ManifestPointer,
    milliseconds: number,
    asker: Pick<AskContext, 'namespace'>,
  ): Promise<FoundImage>;
}

/** The proxy's own gate. */
export function imageGateOf(gate: Pick<Gate, 'held' | 'clearance' | 'resolve' | 'settled'>): ImageGate {
  return {
    known(address, pointer, asker) {
      // A tag is asked of its upstream each time.
      const manifest = pointer.kind === 'digest' ? gate.held(address, pointer.digest) : null;
      if (manifest === null) return null;
      const clearance = gate.clearance(address, manifest, 'admit', asker);
      return clearance.status === 'pending' ? null : { digest: manifest.digest, clearance };
    },
    async find(address, pointer) {
      const manifest = await gate.resolve(address, pointer);
      return {
        digest: manifest.digest,
        settled: (asker, milliseconds) => gate.settled(address, manifest, 'admit', asker, milliseconds),
      };
    },
  };
}
