import { isPratiqueError } from '../core/errors.ts';
import type { Addressing } from '../core/ports/gate.ts';
import { formatReference, type ImageReference, parseImageReference, pointerOf } from '../core/reference.ts';
import { formatPointer, type RepositoryAddress } from '../core/repository.ts';

/** A text that is a reference. */
export interface NamedImage {
  readonly image: string;
  readonly reference: ImageReference;
  /** null: no upstream stands for its registry. */
  readonly address: RepositoryAddress | null;
  /** The same for every spelling of the same image. */
  readonly key: string;
}

/** A text that is none. */
export interface UnreadImage {
  readonly image: string;
  /** A sentence. */
  readonly why: string;
  readonly key: string;
}

/** Reads what an object writes. The proxy's own names and canonical ones are the same image. */
export function readImage(addressing: Addressing, image: string): NamedImage | UnreadImage {
  let reference: ImageReference;
  try {
    reference = parseImageReference(image);
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    return { image, why: error.message, key: `unread ${image}` };
  }
  const address = addressing.locate(reference.registry, reference.path);
  const key =
    address === null
      ? `unknown ${formatReference(reference)}`
      : `${address.upstream} ${formatPointer(address, pointerOf(reference))}`;
  return { image, reference, address, key };
}
