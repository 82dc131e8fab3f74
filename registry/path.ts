import { type Digest, parseDigest } from '../core/digest.ts';
import { repositoryPathPattern, tagPattern } from '../core/reference.ts';
import type { ManifestPointer } from '../core/repository.ts';
import { isOciError, type OciError, ociError } from './oci-error.ts';

interface Common {
  /** The mirror form's `?ns=`, as the client wrote it; to be looked up, never dialled. */
  readonly ns: string | null;
  /** Without the question mark, exactly as it came. */
  readonly query: string;
}

/** What a request to the registry API asks for. */
export type RegistryRequest = Common &
  (
    | { readonly kind: 'base' }
    | { readonly kind: 'catalog' }
    | { readonly kind: 'manifest'; readonly name: string; readonly pointer: ManifestPointer }
    | { readonly kind: 'blob'; readonly name: string; readonly digest: Digest }
    | { readonly kind: 'tags'; readonly name: string }
    | { readonly kind: 'referrers'; readonly name: string; readonly digest: Digest }
    /** `session` is null where a new upload is asked for. */
    | { readonly kind: 'upload'; readonly name: string; readonly session: string | null }
  );

/** Bytes; nothing that the specification allows comes near. */
const longestUrl = 8192;
/** Characters; containerd and Docker refuse longer names. */
const longestName = 255;
const sessionPattern = /^[A-Za-z0-9._=~:+@-]{1,1024}$/;
const namespacePattern = /^[A-Za-z0-9.:[\]_-]{1,261}$/;

/**
 * Reads the target of a request (`request.url`) into a value that cannot be wrong, or into the refusal to answer
 * with. Percent-encoding is undone exactly once, and what it hides (slashes, dots) is held to the same grammar.
 */
export function parseRegistryPath(url: string): RegistryRequest | OciError {
  if (url.length > longestUrl)
    return ociError('NAME_INVALID', `the URL has more than ${longestUrl} characters`);
  const mark = url.indexOf('?');
  const raw = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark + 1);
  const path = raw.includes('%') ? decodeOnce(raw) : raw;
  if (path === null)
    return ociError('NAME_INVALID', `the path "${clip(raw)}" is not percent-encoded as it has to be`);
  const ns = namespaceOf(query);
  if (typeof ns === 'object' && ns !== null) return ns;
  if (path === '/v2/' || path === '/v2') return { kind: 'base', ns, query };
  if (!path.startsWith('/v2/'))
    return ociError('NAME_UNKNOWN', `"${clip(path)}" is no path of the registry API`);
  if (path === '/v2/_catalog') return { kind: 'catalog', ns, query };
  return parseBelow(path.slice('/v2/'.length), ns, query);
}

/** Repository names may hold words such as `manifests`, so the path is read from its end. */
function parseBelow(path: string, ns: string | null, query: string): RegistryRequest | OciError {
  const last = path.lastIndexOf('/');
  const middle = path.lastIndexOf('/', last - 1);
  const kind = path.slice(middle + 1, last);
  const reference = path.slice(last + 1);
  if (kind === 'uploads' || (kind === 'blobs' && reference === 'uploads'))
    return parseUpload(path, ns, query);
  if (last < 0 || middle < 0 || !kinds.has(kind)) return unknownPath(path);
  const name = path.slice(0, middle);
  const refusal = refuseName(name);
  if (refusal !== null) return refusal;
  if (kind === 'tags') return reference === 'list' ? { kind, name, ns, query } : unknownPath(path);
  if (kind === 'manifests') {
    const pointer = parsePointer(reference);
    return isOciError(pointer) ? pointer : { kind: 'manifest', name, pointer, ns, query };
  }
  const digest = parseDigest(reference);
  if (digest === null) return digestInvalid(reference);
  return { kind: kind === 'blobs' ? 'blob' : 'referrers', name, digest, ns, query };
}

const kinds = new Set(['manifests', 'blobs', 'tags', 'referrers']);

/**
 * A text that can be no tag is not found rather than badly put: on reading, the specification's conformance
 * suite asks for `.INVALID_MANIFEST_NAME` and expects 404.
 */
function parsePointer(reference: string): ManifestPointer | OciError {
  if (reference.includes(':')) {
    const digest = parseDigest(reference);
    return digest === null ? digestInvalid(reference) : { kind: 'digest', digest };
  }
  if (tagPattern.test(reference)) return { kind: 'tag', tag: reference };
  return ociError('MANIFEST_UNKNOWN', `"${clip(reference)}" is not a tag`);
}

/** `<name>/blobs/uploads`, with or without a slash, or with a session's id. */
function parseUpload(path: string, ns: string | null, query: string): RegistryRequest | OciError {
  const end = path.lastIndexOf('/blobs/uploads');
  const rest = end < 0 ? '' : path.slice(end + '/blobs/uploads'.length);
  if (end < 0 || (rest !== '' && !rest.startsWith('/'))) return unknownPath(path);
  const name = path.slice(0, end);
  const refusal = refuseName(name);
  if (refusal !== null) return refusal;
  const session = rest.slice(1);
  if (session === '') return { kind: 'upload', name, session: null, ns, query };
  if (!sessionPattern.test(session))
    return ociError('BLOB_UPLOAD_UNKNOWN', `"${clip(session)}" is no upload`);
  return { kind: 'upload', name, session, ns, query };
}

function refuseName(name: string): OciError | null {
  if (name.length > longestName) {
    return ociError('NAME_INVALID', `the repository name has more than ${longestName} characters`);
  }
  return repositoryPathPattern.test(name)
    ? null
    : ociError('NAME_INVALID', `"${clip(name)}" is not a repository name`);
}

/** null: not percent-encoding, or one that hides a slash (a client that means a slash writes one). */
function decodeOnce(path: string): string | null {
  if (/%2f|%5c|%00/i.test(path)) return null;
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** Two different `ns` would be read differently by two readers, so a second one is refused. */
function namespaceOf(query: string): string | null | OciError {
  if (query === '') return null;
  const given = new URLSearchParams(query).getAll('ns');
  const [ns] = given;
  if (ns === undefined) return null;
  if (given.length > 1) return ociError('NAME_INVALID', 'the query has more than one "ns"');
  return namespacePattern.test(ns)
    ? ns
    : ociError('NAME_INVALID', `"${clip(ns)}" in "ns" is not a registry host`);
}

function digestInvalid(text: string): OciError {
  return ociError('DIGEST_INVALID', `"${clip(text)}" is not a sha256 or sha512 digest`);
}

function unknownPath(path: string): OciError {
  return ociError('NAME_UNKNOWN', `"/v2/${clip(path)}" is no path of the registry API`);
}

function clip(text: string): string {
  return text.length <= 150 ? text : `${text.slice(0, 149)}…`;
}
