import { PratiqueError } from '../../core/errors.ts';
import type { ProxySettings } from '../../core/http-proxy.ts';
import { formatReference, type ImageReference, parseImageReference } from '../../core/reference.ts';
import type { BasicCredentials, UpstreamConfig } from '../../registry/upstream/config.ts';
import { dockerLogin } from './docker-config.ts';

/** Where an artifact lies, and how it is reached. */
export interface OciPlace {
  readonly reference: ImageReference;
  /** As a person would write it. */
  readonly text: string;
  readonly upstream: UpstreamConfig;
  /** What might explain a refusal; null: nothing. */
  readonly note: string | null;
}

export interface OciAccess {
  readonly upstreams: readonly UpstreamConfig[];
  /** Of registries that no upstream stands for; left out: none. */
  readonly proxies?: ProxySettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From the command line; null: looked up. */
  readonly credentials: BasicCredentials | null;
  /** Whether the registry speaks HTTP; this machine's own always may. */
  readonly plainHttp: boolean;
}

const scheme = 'oci://';
const usage = 'oci://REGISTRY/REPOSITORY:TAG, with @sha256:… to pin what is meant';
/** Docker Hub's API answers on another host than its name. */
const dockerHub = 'registry-1.docker.io';

export function isOci(place: string): boolean {
  return place.startsWith(scheme);
}

/**
 * Reads `oci://REGISTRY/REPOSITORY:TAG@DIGEST`. The registry has to be named: nobody means Docker Hub by leaving it out.
 * @throws PratiqueError `usage-invalid`, `reference-invalid`, `config-invalid`
 */
export function ociPlace(text: string, access: OciAccess): OciPlace {
  const name = text.slice(scheme.length);
  const host = name.slice(0, Math.max(0, name.indexOf('/')));
  if (!isOci(text) || !(host.includes('.') || host.includes(':') || host === 'localhost')) {
    throw new PratiqueError('usage-invalid', `"${text.slice(0, 300)}" names no registry: ${usage}`);
  }
  const reference = parseImageReference(name);
  const { registry } = reference;
  const configured = access.upstreams.find(({ namespace }) => namespace === registry);
  const base = configured ?? {
    name: registry,
    namespace: registry,
    url: `${access.plainHttp || isLocal(registry) ? 'http' : 'https'}://${registry === 'docker.io' ? dockerHub : registry}`,
    credentials: null,
    ...(access.proxies === undefined ? {} : { proxies: access.proxies }),
  };
  const shown = `${scheme}${formatReference(reference)}`;
  const given = access.credentials ?? base.credentials;
  if (given !== null)
    return { reference, text: shown, upstream: { ...base, credentials: given }, note: null };
  const { credentials, note } = dockerLogin(registry, access.env);
  return { reference, text: shown, upstream: { ...base, credentials }, note };
}

function isLocal(registry: string): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(registry);
}
