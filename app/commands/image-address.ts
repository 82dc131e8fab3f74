import { PratiqueError } from '../../core/errors.ts';
import type { Addressing } from '../../core/ports/gate.ts';
import { parseImageReference, pointerOf } from '../../core/reference.ts';
import { hostedUpstream, type ManifestPointer, type RepositoryAddress } from '../../core/repository.ts';

export interface NamedImage {
  readonly address: RepositoryAddress;
  readonly pointer: ManifestPointer;
}

const hostedPrefix = `${hostedUpstream}/`;

/**
 * What the name of an image means to the configured server.
 * @throws PratiqueError `reference-invalid`, `registry-unknown`
 */
export function namedImage(image: string, addressing: Addressing): NamedImage {
  const parsed = parseImageReference(image);
  // What this program prints of a hosted image is taken back, although Docker would read it as Docker Hub's.
  const address = hostedAddress(image, parsed.path) ?? addressing.locate(parsed.registry, parsed.path);
  if (address === null) {
    throw new PratiqueError(
      'registry-unknown',
      `nothing is known of ${image}: the registry ${parsed.registry} is no upstream of this configuration. By its path on the proxy an image is named with the proxy's address before it (127.0.0.1:5000/hosted/team/app); of another configuration: --config FILE`,
      { registry: parsed.registry },
    );
  }
  return { address, pointer: pointerOf(parsed) };
}

/**
 * null where the name is of no hosted repository.
 * @param path the name without tag and digest
 */
export function hostedAddress(name: string, path: string): RepositoryAddress | null {
  if (!name.startsWith(hostedPrefix)) return null;
  return { upstream: hostedUpstream, namespace: hostedUpstream, path: path.slice(hostedPrefix.length) };
}
