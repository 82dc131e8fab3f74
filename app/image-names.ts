import { PratiqueError } from '../core/errors.ts';
import { parseImageReference, pointerOf, repositoryPathPattern } from '../core/reference.ts';
import {
  formatPointer,
  hostedUpstream,
  type ManifestPointer,
  type RepositoryAddress,
} from '../core/repository.ts';
import type { UpstreamAddressing } from '../registry/addressing.ts';
import { isOciError } from '../registry/oci-error.ts';

/** An image of a configured upstream, or one that lives here. */
export interface NamedImage {
  /** The one name that people and logs use. */
  readonly name: string;
  readonly address: RepositoryAddress;
  readonly pointer: ManifestPointer;
}

/** Any host: what follows is the path as clients ask this proxy for it. */
const anyHost = 'proxy.invalid';

/**
 * Reads the name of an image that the proxy could be asked for: with its registry's name (`docker.io/library/nginx:1.27`,
 * `nginx`), or as its clients write it behind the proxy's own (`corp/team/app:latest`, `hosted/team/app`).
 * @throws PratiqueError `reference-invalid`; `registry-unknown` for what no configured upstream stands for
 */
export function readImageName(text: string, addressing: UpstreamAddressing): NamedImage {
  const reference = parseImageReference(text);
  const pointer = pointerOf(reference);
  const asReference = (): RepositoryAddress | null => addressing.locate(reference.registry, reference.path);
  const [head = ''] = text.split('/');
  // What looks like a host is one first; of what does not, only an alias can be meant where there is one of that name.
  const isHost = /[.:]|^localhost$/.test(head) && text.includes('/');
  const address = isHost
    ? (asReference() ?? byAlias(text, head, addressing))
    : (byAlias(text, head, addressing) ?? asReference());
  if (address === null) {
    throw new PratiqueError(
      'registry-unknown',
      `"${text}": no configured upstream stands for ${reference.registry}; allowed is an image of one of them, or of ${hostedUpstream}/`,
      { reference: text },
    );
  }
  return { name: formatPointer(address, pointer), address, pointer };
}

function byAlias(text: string, head: string, addressing: UpstreamAddressing): RepositoryAddress | null {
  if (!text.includes('/') || !repositoryPathPattern.test(head)) return null;
  const address = addressing.addressOf(parseImageReference(`${anyHost}/${text}`).path, null);
  return isOciError(address) ? null : address;
}
