import type { Digest } from './digest.ts';

/**
 * A repository as Pratique knows it, however a client addressed it: the configured upstream's `name`
 * (`docker.io`), the host it stands for (`namespace`) and the path below it (`library/nginx`).
 */
export interface RepositoryAddress {
  readonly upstream: string;
  readonly namespace: string;
  readonly path: string;
}

/** The key under which records of this repository are kept. */
export function repositoryKey(address: RepositoryAddress): string {
  return `${address.upstream}/${address.path}`;
}

/** The name that people, policies and reports use: `docker.io/library/nginx`. */
export function canonicalName(address: RepositoryAddress): string {
  return `${address.namespace}/${address.path}`;
}

export type ManifestPointer =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'digest'; readonly digest: Digest };

export function formatPointer(address: RepositoryAddress, pointer: ManifestPointer): string {
  const name = canonicalName(address);
  return pointer.kind === 'tag' ? `${name}:${pointer.tag}` : `${name}@${pointer.digest}`;
}

/** Upstream name of repositories that live here; no configured upstream can have it (`registry/addressing.ts`). */
export const hostedUpstream = 'hosted';

export function isHosted(address: RepositoryAddress): boolean {
  return address.upstream === hostedUpstream;
}
