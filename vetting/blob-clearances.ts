import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { BlobClearance } from '../core/ports/gate.ts';

/** Of a blob that no manifest of the repository is known to refer to. */
export function noHolder(repository: string, digest: Digest): BlobClearance {
  return {
    status: 'error',
    allowed: false,
    ruled: null,
    reasons: [`no manifest that was pulled from ${repository} refers to ${digest}: pull the image first`],
    size: 0,
    transient: false,
    failures: [],
    fetch: () => neverFetched(digest),
    open: () => neverFetched(digest),
  };
}

export function neverFetched(digest: Digest): Promise<never> {
  return Promise.reject(new PratiqueError('blob-unknown', 'a refused blob is never fetched', { digest }));
}
