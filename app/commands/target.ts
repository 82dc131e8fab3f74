import { statSync } from 'node:fs';
import { PratiqueError } from '../../core/errors.ts';
import { type ImageReference, parseImageReference, tagPattern } from '../../core/reference.ts';

/** What `pratique scan` was asked to look at. */
export type Target =
  | { readonly kind: 'image'; readonly reference: ImageReference }
  | { readonly kind: 'oci'; readonly dir: string; readonly tag: string | null }
  | { readonly kind: 'rootfs'; readonly dir: string };

const supported = 'an image reference, oci:DIR[:TAG] or rootfs:DIR';
/** Prefixes that people know from other tools. */
const foreign =
  /^(?:docker-archive|oci-archive|docker-daemon|containers-storage|registry|dir|file|fs|sbom|podman):|^[a-z][a-z0-9+.-]*:\/\//;

/** @throws PratiqueError `usage-invalid`, `reference-invalid` */
export function parseTarget(text: string): Target {
  if (text.startsWith('oci:')) return layoutOf(text.slice('oci:'.length));
  if (text.startsWith('rootfs:')) return { kind: 'rootfs', dir: folder(text.slice('rootfs:'.length), text) };
  const prefix = foreign.exec(text)?.[0];
  if (prefix !== undefined) {
    throw new PratiqueError(
      'usage-invalid',
      `"${text}" cannot be scanned: ${prefix} is not supported yet. What can be scanned: ${supported}`,
      { target: text },
    );
  }
  if (/^\.{0,2}\//.test(text)) {
    throw new PratiqueError(
      'usage-invalid',
      `"${text}" cannot be scanned: a folder is named with what it is, oci:${text} (an OCI image layout) or rootfs:${text} (an unpacked file system)`,
      { target: text },
    );
  }
  return { kind: 'image', reference: parseImageReference(text) };
}

/** A folder may have a colon in its name, so one that is there is believed first. */
function layoutOf(place: string): Target {
  const colon = place.lastIndexOf(':');
  const tag = colon < 0 ? '' : place.slice(colon + 1);
  if (isFolder(place) || !tagPattern.test(tag)) {
    return { kind: 'oci', dir: folder(place, `oci:${place}`), tag: null };
  }
  return { kind: 'oci', dir: folder(place.slice(0, colon), `oci:${place}`), tag };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function folder(path: string, target: string): string {
  if (path !== '' && isFolder(path)) return path;
  throw new PratiqueError(
    'usage-invalid',
    `"${target}" cannot be scanned: "${path}" is not a folder. What can be scanned: ${supported}`,
    { target },
  );
}
