import { PratiqueError } from '../core/errors.ts';
import type { Addressing } from '../core/ports/gate.ts';
import { canonicalHost, repositoryPathPattern } from '../core/reference.ts';
import { hostedUpstream, type RepositoryAddress } from '../core/repository.ts';
import { isOciError, type OciError, ociError } from './oci-error.ts';

/** The part of an upstream's configuration that names are read by. */
export interface UpstreamName {
  /** The path alias: `docker.io`, `corp`. */
  readonly name: string;
  /** The host that it stands for, with its port if it has one: `docker.io`, `registry.corp:5443`. */
  readonly namespace: string;
  /** Where it is reached; of an `http://` one port 80 may be left out. */
  readonly url?: string;
}

export interface UpstreamAddressing extends Addressing {
  /**
   * The repository that a request means.
   * @param name the repository name in the request's path
   * @param ns the mirror form's namespace: a closed lookup, whatever it names is never dialled
   * @param bound name of the upstream to which the host or port that was asked is bound, if it is to one: it says what
   * a name without `ns` is below, and nothing else is read there
   */
  addressOf(name: string, ns: string | null, bound?: string | null): RepositoryAddress | OciError;
  /** The upstream below which names without an alias are read, for the same two; null: names begin with an alias. */
  upstreamOf(ns: string | null, bound: string | null): string | null | OciError;
}

/** Hosted repositories live below it, so that a later upstream never changes what a name means. */
const reserved = hostedUpstream;
const hosted: UpstreamName = { name: reserved, namespace: reserved };
const dockerHub = 'docker.io';

/**
 * @param options `publicNames`: hosts by which clients know this proxy; `boundNames`: such a host → name of the
 * one upstream (or `hosted`) that it stands for, whose repositories are asked for there without an alias
 * @throws PratiqueError `config-invalid` where two spellings could mean one thing or one two
 */
export function createAddressing(options: {
  readonly upstreams: readonly UpstreamName[];
  readonly publicNames: readonly string[];
  readonly boundNames?: ReadonlyMap<string, string>;
}): UpstreamAddressing {
  const byName = indexNames(options.upstreams);
  const byNamespace = indexNamespaces(options.upstreams);
  const publicNames = new Set(options.publicNames.map(ownHost));
  const boundNames = new Map<string, UpstreamName>();
  /** Of hosts that are bound; what lives here can have a host of its own too. */
  const named = (name: string): UpstreamName | undefined => (name === reserved ? hosted : byName.get(name));
  for (const [host, name] of options.boundNames ?? []) {
    const upstream = named(name);
    if (upstream === undefined)
      throw invalid(`the host "${host}" is bound to "${name}", which is no upstream`);
    const own = ownHost(host);
    const other = boundNames.get(own);
    if (other !== undefined && other.name !== name)
      throw invalid(`the host "${host}" is bound to "${other.name}" and to "${name}"`);
    if (publicNames.has(own))
      throw invalid(
        `the host "${host}" is bound to "${name}" and a name of the whole proxy: give one another`,
      );
    boundNames.set(own, upstream);
  }
  for (const host of [...publicNames, ...boundNames.keys()]) {
    if (byNamespace.has(host)) {
      throw invalid(
        `"${host}" is a name of this proxy and the namespace of an upstream; give one of them another`,
      );
    }
  }

  /** The upstream whose name the path begins with. No name is the beginning of another, so the first decides. */
  const byAlias = (path: string): RepositoryAddress | null => {
    if (path.startsWith(`${reserved}/`)) return address(hosted, path.slice(reserved.length + 1));
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      const upstream = byName.get(path.slice(0, slash));
      if (upstream !== undefined) return address(upstream, path.slice(slash + 1));
    }
    return null;
  };

  const below = (ns: string | null, bound: string | null): UpstreamName | null | OciError => {
    const asked = ns === null ? null : canonicalHost(ns);
    // A name of the proxy itself says how names are read there, whichever of its ports was asked.
    const isOwn = asked !== null && publicNames.has(asked);
    if (ns !== null && !isOwn) {
      const upstream = asked === null ? undefined : (byNamespace.get(asked) ?? boundNames.get(asked));
      return (
        upstream ??
        ociError(
          'NAME_UNKNOWN',
          `no upstream stands for "${ns}"; add one with that namespace to the configuration`,
        )
      );
    }
    if (bound !== null && !isOwn) {
      return (
        named(bound) ?? ociError('NAME_UNKNOWN', `this host is bound to "${bound}", which is no upstream`)
      );
    }
    return null;
  };

  return {
    addressOf(name, ns, bound = null) {
      const upstream = below(ns, bound);
      if (upstream !== null) return isOciError(upstream) ? upstream : address(upstream, name);
      return (
        byAlias(name) ??
        ociError(
          'NAME_UNKNOWN',
          `"${name}" does not begin with the name of an upstream (${[...byName.keys()].slice(0, 10).join(', ')})`,
        )
      );
    },
    upstreamOf(ns, bound) {
      const upstream = below(ns, bound);
      return upstream === null || isOciError(upstream) ? upstream : upstream.name;
    },
    locate(registry, path) {
      const host = canonicalHost(registry);
      if (host === null) return null;
      const upstream = byNamespace.get(host) ?? boundNames.get(host);
      if (upstream !== undefined) return address(upstream, path);
      return publicNames.has(host) ? byAlias(path) : null;
    },
    isOwn(registry) {
      const host = ownHost(registry);
      return publicNames.has(host) || boundNames.has(host);
    },
  };
}

function address(upstream: UpstreamName, path: string): RepositoryAddress {
  const namespace = namespaceOf(upstream);
  const official = namespace === dockerHub && !path.includes('/');
  return { upstream: upstream.name, namespace, path: official ? `library/${path}` : path };
}

/** A name of this proxy: what is no host is never asked for. */
function ownHost(name: string): string {
  return canonicalHost(name) ?? name.toLowerCase();
}

/** @throws PratiqueError `config-invalid` */
function namespaceOf({ name, namespace }: UpstreamName): string {
  const host = canonicalHost(namespace);
  if (host === null) throw invalid(`the namespace "${namespace}" of "${name}" is not a host with its port`);
  return host;
}

/** The same host with port 80 written or left out, of an upstream that is reached without TLS; null: there is none. */
function otherSpelling({ url }: UpstreamName, host: string): string | null {
  if (url?.startsWith('http://') !== true) return null;
  if (host.endsWith(':80')) return host.slice(0, -':80'.length);
  return /:[0-9]+$/.test(host) ? null : `${host}:80`;
}

function indexNames(upstreams: readonly UpstreamName[]): Map<string, UpstreamName> {
  const byName = new Map<string, UpstreamName>();
  for (const upstream of upstreams) {
    const { name } = upstream;
    if (!repositoryPathPattern.test(name)) {
      throw invalid(
        `the upstream name "${name}" is not a path: lower case letters, digits, and . _ - / between`,
      );
    }
    if (name === reserved || name.startsWith(`${reserved}/`)) {
      throw invalid(`the upstream name "${name}" is reserved for repositories that are hosted here`);
    }
    for (const other of byName.keys()) {
      if (name === other) throw invalid(`two upstreams are named "${name}"`);
      if (`${name}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${name}/`)) {
        throw invalid(`the upstream names "${other}" and "${name}" begin alike, so a path could mean either`);
      }
    }
    byName.set(name, upstream);
  }
  return byName;
}

function indexNamespaces(upstreams: readonly UpstreamName[]): Map<string, UpstreamName> {
  const byNamespace = new Map<string, UpstreamName>();
  for (const upstream of upstreams) {
    const host = namespaceOf(upstream);
    // The repositories that live here are called so in policies.
    if (host === reserved) throw invalid(`the namespace "${reserved}" of "${upstream.name}" is reserved`);
    const other = byNamespace.get(host);
    if (other !== undefined) {
      throw invalid(`the upstreams "${other.name}" and "${upstream.name}" both stand for "${host}"`);
    }
    byNamespace.set(host, upstream);
  }
  // Last, so that what is written in the configuration is never another upstream.
  for (const [host, upstream] of [...byNamespace]) {
    const other = otherSpelling(upstream, host);
    if (other !== null && !byNamespace.has(other)) byNamespace.set(other, upstream);
  }
  return byNamespace;
}

function invalid(message: string): PratiqueError {
  return new PratiqueError('config-invalid', message);
}
