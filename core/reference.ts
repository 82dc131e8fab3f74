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
const hostPattern = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/;
/** Containerd and Docker refuse longer names. */
const longestName = 255;

/**
 * Reads a reference as Docker and containerd do: a first component with a dot, a colon, or the name
 * `localhost` is the registry; else it is Docker Hub, where one-word names live under `library/`.
 * @throws PratiqueError `reference-invalid`
 */
export function parseImageReference(text: string): ImageReference {
  const refuse = (why: string): never => {
    throw new PratiqueError('reference-invalid', `"${text}" is not an image reference: ${why}`, {
      reference: text,
    });
  };
  if (text === '') return refuse('it is empty');
  let rest = text;
  let digest: Digest | null = null;
  const at = rest.indexOf('@');
  if (at >= 0) {
    digest =
      parseDigest(rest.slice(at + 1)) ?? refuse(`"${rest.slice(at + 1)}" is not a sha256 or sha512 digest`);
    rest = rest.slice(0, at);
  }
  const slash = rest.indexOf('/');
  const head = slash < 0 ? '' : rest.slice(0, slash);
  const named = head.includes('.') || head.includes(':') || head === 'localhost' || /[A-Z]/.test(head);
  let registry = 'docker.io';
  if (named) {
    if (!hostPattern.test(head)) return refuse(`"${head}" is not a registry host`);
    registry = head.toLowerCase();
    rest = rest.slice(slash + 1);
  }
  if (registry === 'index.docker.io' || registry === 'registry-1.docker.io') registry = 'docker.io';
  let tag: string | null = null;
  const colon = rest.lastIndexOf(':');
  if (colon >= 0) {
    tag = rest.slice(colon + 1);
    if (!tagPattern.test(tag)) return refuse(`"${tag}" is not a tag`);
    rest = rest.slice(0, colon);
  }
  const path = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  if (path.length > longestName) return refuse(`its name has more than ${longestName} characters`);
  if (!repositoryPathPattern.test(path)) return refuse(`"${rest}" is not a repository name`);
  return { registry, path, tag, digest };
}

/** Where both are given the digest decides; where neither is, the tag is `latest`. */
export function pointerOf(reference: ImageReference): ManifestPointer {
  if (reference.digest !== null) return { kind: 'digest', digest: reference.digest };
  return { kind: 'tag', tag: reference.tag ?? 'latest' };
}

export function formatReference(reference: ImageReference): string {
  const tag = reference.tag === null ? '' : `:${reference.tag}`;
  const digest = reference.digest === null ? '' : `@${reference.digest}`;
  return `${reference.registry}/${reference.path}${tag}${digest}`;
}
