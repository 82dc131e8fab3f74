import { PratiqueError } from '../core/errors.ts';
import type { RegistryAuthorization, ScanSource } from '../core/ports/scans.ts';
import { repositoryPathPattern } from '../core/reference.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import type { Credentials, UpstreamConfig } from '../registry/upstream/config.ts';

/** What an operator says of the registries whose images are scanned. Hosts have their port if it is not the usual one. */
export interface ScanRegistries {
  /** The only hosts that are asked; null: whichever a request names. */
  readonly hosts: readonly string[] | null;
  /** PEM of authorities to trust beside those that Node knows. */
  readonly ca: string | null;
  /** Hosts by which images are known to people and policies, by those that requests name: `core:8080` → `harbor.corp`. */
  readonly names: ReadonlyMap<string, string>;
  /** Further hosts whose token service may have a scan's credentials. */
  readonly realms: readonly string[];
}

/** Where Harbor's token service answers, on each of its addresses. */
const harborRealmPath = '/service/token';

export interface ScanPlace {
  readonly address: RepositoryAddress;
  readonly config: UpstreamConfig;
}

/**
 * The repository that a scan speaks of, and how to reach it with the rights that came with it.
 * @throws PratiqueError `reference-invalid`, `registry-unknown`, `usage-invalid`
 */
export function placeOf(source: ScanSource, registries: ScanRegistries): ScanPlace {
  const url = originOf(source.registry);
  if (!repositoryPathPattern.test(source.repository) || source.repository.length > 255) {
    throw new PratiqueError(
      'reference-invalid',
      `"${source.repository.slice(0, 300)}" is not a repository name`,
    );
  }
  if (registries.hosts !== null && !registries.hosts.includes(url.host)) {
    throw new PratiqueError(
      'registry-unknown',
      `images of ${url.host} are not scanned here: harborAdapter.registries names ${registries.hosts.join(', ')}`,
      { registry: url.host },
    );
  }
  if (url.protocol === 'http:' && !source.insecure) {
    throw new PratiqueError(
      'usage-invalid',
      `${url.origin} would be spoken to without TLS, and the request does not say that it may be`,
      { registry: url.host },
    );
  }
  const namespace = registries.names.get(url.host) ?? url.host;
  // No configured upstream has a colon in its name: what is recorded of this repository opens none of a gate's.
  const name = `harbor:${url.host}`;
  return {
    address: { upstream: name, namespace, path: source.repository },
    config: {
      name,
      namespace,
      url: url.origin,
      credentials: credentialsOf(source.authorization),
      realms: registries.realms,
      ownRealmPath: harborRealmPath,
      ...(registries.ca === null ? {} : { ca: registries.ca }),
    },
  };
}

function originOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    (url.protocol !== 'http:' && url.protocol !== 'https:') ||
    url.username !== '' ||
    url.password !== '' ||
    url.pathname !== '/' ||
    url.search !== ''
  ) {
    throw new PratiqueError(
      'reference-invalid',
      'the registry of a scan has to be an http:// or https:// address without path, query or credentials',
    );
  }
  return url;
}

function credentialsOf(authorization: RegistryAuthorization): Credentials | null {
  switch (authorization.kind) {
    case 'none':
      return null;
    case 'basic':
      return { username: authorization.username, password: authorization.password };
    case 'bearer':
      return { bearer: authorization.token };
  }
}
