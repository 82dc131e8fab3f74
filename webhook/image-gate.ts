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

/** What is asked of images here: the proxy's gate where both are one process, else the replica. */
export interface ImageGate {
  /** @throws PratiqueError as `Gate.resolve` @param milliseconds how long it may be looked for */
  find(address: RepositoryAddress, pointer: ManifestPointer, milliseconds: number): Promise<FoundImage>;
}

/** The proxy's own gate. */
export function imageGateOf(gate: Pick<Gate, 'resolve' | 'settled'>): ImageGate {
  return {
    async find(address, pointer) {
      const manifest = await gate.resolve(address, pointer);
      return {
        digest: manifest.digest,
        settled: (asker, milliseconds) => gate.settled(address, manifest, 'admit', asker, milliseconds),
      };
    },
  };
}
