import { type Digest, parseDigest } from './digest.ts';
import { PratiqueError } from './errors.ts';
import type { ManifestPointer } from './repository.ts';

/** An image reference with everything that Docker leaves out filled in. */
export interface ImageReference {
  /** Host, with its port if it has one: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  readonly path: string;
  readonly tag: string | null;
  readonly digest: Digest | null;
}

/** Path components of a repository (distribution spec, "Pulling manifests"). */
export const repositoryPathPattern =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
export const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const hostPattern = /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::([1-9][0-9]{0,4}))?$/;
const highestPort = 65_535;
const httpsPort = '443';
const dockerHub = 'docker.io';
const dockerHubSynonyms: ReadonlySet<string> = new Set(['index.docker.io', 'registry-1.docker.io']);
/** Containerd and Docker refuse longer names. */
const longestName = 255;
/** More than host, name, tag and digest come to. */
const longestReference = 1024;
/** Of what cannot be read, in a message. */
const shownCharacters = 200;

/**
 * The one spelling of a registry's host: lower case, without the port of https, an IPv6 address in its shortest form,
 * and Docker Hub under one name. null: it is no host, or a port is written with zeros before it.
 */
export function canonicalHost(text: string): string | null {
  const [, name, port] = hostPattern.exec(text.toLowerCase()) ?? [];
  if (name === undefined || Number(port ?? 1) > highestPort) return null;
  let host = name;
  if (name.startsWith('[')) {
    if (!URL.canParse(`https://${name}`)) return null;
    host = new URL(`https://${name}`).hostname;
  }
  if (port !== undefined && port !== httpsPort) return `${host}:${port}`;
  return dockerHubSynonyms.has(host) ? dockerHub : host;
}

/**
 * Reads a reference as Docker and containerd do: a first component with a dot, a colon, or the name
 * `localhost` is the registry; else it is Docker Hub, where one-word names live under `library/`.
 * @throws PratiqueError `reference-invalid`
 */
export function parseImageReference(text: string): ImageReference {
  const refuse = (why: string): never => {
    throw new PratiqueError('reference-invalid', `"${shown(text)}" is not an image reference: ${why}`, {
      reference: shown(text),
    });
  };
  if (text === '') return refuse('it is empty');
  if (text.length > longestReference) return refuse(`it has more than ${longestReference} characters`);
  let rest = text;
  let digest: Digest | null = null;
  const at = rest.indexOf('@');
  if (at >= 0) {
    digest =
      parseDigest(rest.slice(at + 1)) ??
      refuse(`"${shown(rest.slice(at + 1))}" is not a sha256 or sha512 digest`);
    rest = rest.slice(0, at);
  }
  const slash = rest.indexOf('/');
  const head = slash < 0 ? '' : rest.slice(0, slash);
  let registry = dockerHub;
  if (namesRegistry(head)) {
    registry = canonicalHost(head) ?? refuse(`"${shown(head)}" is not a registry host`);
    rest = rest.slice(slash + 1);
  }
  let tag: string | null = null;
  const colon = rest.lastIndexOf(':');
  if (colon >= 0) {
    tag = rest.slice(colon + 1);
    if (!tagPattern.test(tag)) return refuse(`"${shown(tag)}" is not a tag`);
    rest = rest.slice(0, colon);
  }
  const path = registry === dockerHub && !rest.includes('/') ? `library/${rest}` : rest;
  if (path.length > longestName) return refuse(`its name has more than ${longestName} characters`);
  if (!repositoryPathPattern.test(path)) return refuse(`"${shown(rest)}" is not a repository name`);
  return { registry, path, tag, digest };
}

function namesRegistry(head: string): boolean {
  return head.includes('.') || head.includes(':') || head === 'localhost' || /[A-Z]/.test(head);
}

function shown(text: string): string {
  return text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)}...`;
}

/** Where both are given the digest decides; where neither is, the tag is `latest`. */
export function pointerOf(reference: ImageReference): ManifestPointer {
  if (reference.digest !== null) return { kind: 'digest', digest: reference.digest };
  return { kind: 'tag', tag: reference.tag ?? 'latest' };
}

/** Text that is read as the same reference again. */
export function formatReference(reference: ImageReference): string {
  const { registry } = reference;
  // A host of one word without a port would be taken for a name of Docker Hub.
  const host = namesRegistry(registry) ? registry : `${registry}:${httpsPort}`;
  const tag = reference.tag === null ? '' : `:${reference.tag}`;
  const digest = reference.digest === null ? '' : `@${reference.digest}`;
  return `${host}/${reference.path}${tag}${digest}`;
}
