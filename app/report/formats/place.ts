import { createHash } from 'node:crypto';

/**
 * An image's name without what changes from build to build, so that a finding is told as the same one after the next: no
 * tag, no digest, and of a file no folder.
 */
export function lastingName(reference: string): string {
  const prefix = /^(oci|docker-archive|oci-archive|rootfs|sbom):/.exec(reference)?.[0];
  if (prefix !== undefined) {
    const place = reference.slice(prefix.length).replace(/\/+$/, '');
    return place.slice(place.lastIndexOf('/') + 1) || prefix.slice(0, -1);
  }
  const [name = ''] = reference.split('@', 1);
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

/** A path as a relative reference (RFC 3986), whatever bytes its name is made of. */
export function pathUri(path: string): string {
  return path
    .replaceAll(/\p{Surrogate}/gu, '\ufffd')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map((part) => encodeURIComponent(part))
    .join('/');
}

/** Hexadecimal, of texts in their order. */
export function fingerprint(...texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 32);
}

/** An address that may stand where one has to be a URI; null: it is none. */
export function webAddress(text: string): string | null {
  return /^https?:\/\/[!-~]+$/.test(text) && URL.canParse(text) ? text : null;
}
