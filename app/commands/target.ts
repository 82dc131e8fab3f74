import { type Stats, statSync } from 'node:fs';
import { PratiqueError } from '../../core/errors.ts';
import { type ImageReference, parseImageReference, tagPattern } from '../../core/reference.ts';

/** What `pratique scan` was asked to look at. */
export type Target =
  | { readonly kind: 'image'; readonly reference: ImageReference }
  | { readonly kind: 'oci'; readonly dir: string; readonly tag: string | null }
  | ArchiveTarget
  | { readonly kind: 'rootfs'; readonly dir: string }
  | { readonly kind: 'sbom'; readonly file: string };

export interface ArchiveTarget {
  readonly kind: 'docker-archive' | 'oci-archive';
  readonly file: string;
  /** Which of the images in it; null: the one that is there. */
  readonly name: string | null;
}

const supported =
  'an image reference, oci:DIR[:TAG], docker-archive:FILE[:NAME], oci-archive:FILE[:NAME], rootfs:DIR or sbom:FILE';
/** Prefixes that people know from other tools. */
const foreign =
  /^(?:docker-daemon|containers-storage|registry|dir|file|fs|podman|docker|containerd|singularity):|^[a-z][a-z0-9+.-]*:\/\//;
const archives = ['docker-archive', 'oci-archive'] as const;

/** @throws PratiqueError `usage-invalid`, `reference-invalid` */
export function parseTarget(text: string): Target {
  if (text.startsWith('oci:')) return layoutOf(text.slice('oci:'.length));
  for (const kind of archives) {
    if (text.startsWith(`${kind}:`)) return archiveOf(kind, text.slice(kind.length + 1));
  }
  if (text.startsWith('rootfs:')) return { kind: 'rootfs', dir: folder(text.slice('rootfs:'.length), text) };
  if (text.startsWith('sbom:')) return sbomOf(text.slice('sbom:'.length), text);
  const prefix = foreign.exec(text)?.[0];
  if (prefix !== undefined) throw refused(text, `${prefix} is not supported`);
  if (/^\.{0,2}\//.test(text)) {
    const meant = isFolder(text)
      ? `a folder is named with what it is, oci:${text} (an OCI image layout) or rootfs:${text} (an unpacked file system)`
      : `a file is named with what it is, docker-archive:${text}, oci-archive:${text} or sbom:${text}`;
    throw new PratiqueError('usage-invalid', `"${text}" cannot be scanned: ${meant}`, { target: text });
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

/** A file may have colons in its name, and so may the image's: the longest file that is there is meant. */
function archiveOf(kind: ArchiveTarget['kind'], place: string): ArchiveTarget {
  for (let end = place.length; end > 0; end = place.lastIndexOf(':', end - 1)) {
    const file = place.slice(0, end);
    if (isFile(file)) return { kind, file, name: end === place.length ? null : place.slice(end + 1) };
  }
  const [file = ''] = place.split(':', 1);
  throw refused(`${kind}:${place}`, `"${file}" is not a file`);
}

function sbomOf(file: string, target: string): Target {
  if (isFile(file)) return { kind: 'sbom', file };
  throw refused(target, `"${file}" is not a file`);
}

function isFolder(path: string): boolean {
  return statsOf(path)?.isDirectory() === true;
}

function isFile(path: string): boolean {
  return statsOf(path)?.isFile() === true;
}

/** null: nothing is there under that name, or nobody can tell. */
function statsOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

function folder(path: string, target: string): string {
  if (path !== '' && isFolder(path)) return path;
  throw refused(target, `"${path}" is not a folder`);
}

function refused(target: string, why: string): PratiqueError {
  return new PratiqueError(
    'usage-invalid',
    `"${target}" cannot be scanned: ${why}. What can be scanned: ${supported}`,
    { target },
  );
}
