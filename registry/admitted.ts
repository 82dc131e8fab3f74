import type { UpstreamAddressing } from './addressing.ts';
import { isOciError, ociError } from './oci-error.ts';
import type { RepositoryRules } from './upstream/config.ts';
import { deniedText, refusalBy } from './upstream/repository-rule.ts';

/**
 * The same names, but for repositories that are not to be had: those are refused before anything is looked up, what is in
 * the cache included, whichever way they are asked for.
 */
export function admittedOnly(
  addressing: UpstreamAddressing,
  upstreams: readonly { readonly name: string; readonly repositories?: RepositoryRules }[],
): UpstreamAddressing {
  const rules = new Map(
    upstreams.flatMap(({ name, repositories }) =>
      repositories === undefined ? [] : [[name, refusalBy(repositories)] as const],
    ),
  );
  return {
    ...addressing,
    addressOf(...asked) {
      const address = addressing.addressOf(...asked);
      if (isOciError(address)) return address;
      const why = rules.get(address.upstream)?.(address.path) ?? null;
      return why === null ? address : ociError('DENIED', deniedText(address.upstream, address.path, why));
    },
  };
}
