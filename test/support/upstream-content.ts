import type { Digest } from '../../core/digest.ts';
import { type Built, type BuiltManifest, manifestsOf, sha256 } from './images.ts';
import { ociError, type Reply } from './upstream-reply.ts';

/** What a repository of the test registry holds. */
export interface Repository {
  readonly manifests: Map<string, BuiltManifest>;
  readonly tags: Map<string, Digest>;
  readonly blobs: Map<string, Buffer>;
  readonly uploads: Map<string, Buffer>;
}

export function emptyRepository(): Repository {
  return { manifests: new Map(), tags: new Map(), blobs: new Map(), uploads: new Map() };
}

export function putBuilt(repository: Repository, tag: string | null, built: Built): void {
  for (const manifest of manifestsOf(built)) repository.manifests.set(manifest.digest, manifest);
  for (const [digest, bytes] of built.blobs) repository.blobs.set(digest, bytes);
  if (tag !== null) repository.tags.set(tag, built.manifest.digest);
}

/** Takes a manifest away, and every tag that leads to it. */
export function removeManifest(repository: Repository, digest: Digest): void {
  repository.manifests.delete(digest);
  for (const [tag, held] of repository.tags) if (held === digest) repository.tags.delete(tag);
}

/** With an `ETag`, and 304 where that is what is asked with. */
export function manifestReply(repository: Repository, reference: string, etag?: string): Reply {
  const manifest = repository.manifests.get(repository.tags.get(reference) ?? reference);
  if (manifest === undefined) return ociError(404, 'MANIFEST_UNKNOWN');
  const own = `"${manifest.digest}"`;
  const headers = {
    'content-type': manifest.mediaType,
    'docker-content-digest': manifest.digest,
    etag: own,
  };
  if (etag === own) return { status: 304, headers: { etag: own }, body: Buffer.alloc(0) };
  return { status: 200, headers, body: manifest.bytes };
}

export function blobReply(repository: Repository, digest: string, range: string | undefined): Reply {
  const bytes = repository.blobs.get(digest);
  if (bytes === undefined) return ociError(404, 'BLOB_UNKNOWN');
  const headers = { 'content-type': 'application/octet-stream', 'docker-content-digest': digest };
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  if (asked === null) return { status: 200, headers, body: bytes };
  const start = Number(asked[1]);
  const end = asked[2] === '' ? bytes.length - 1 : Math.min(Number(asked[2]), bytes.length - 1);
  if (start > end) return ociError(416, 'RANGE_INVALID');
  const contentRange = `bytes ${start}-${end}/${bytes.length}`;
  const body = bytes.subarray(start, end + 1);
  return { status: 206, headers: { ...headers, 'content-range': contentRange }, body };
}

/** Sorted, paged by `n` and `last` (distribution spec, "Listing Tags"). */
export function tagsReply(repository: Repository, name: string, query: URLSearchParams): Reply {
  const after = query.get('last') ?? '';
  const all = [...repository.tags.keys()].sort().filter((tag) => tag > after);
  const n = query.has('n') ? Number(query.get('n')) : all.length;
  const page = all.slice(0, n);
  const last = page.at(-1);
  const link =
    last !== undefined && page.length < all.length
      ? { link: `</v2/${name}/tags/list?n=${n}&last=${last}>; rel="next"` }
      : {};
  return json(200, { name, tags: page }, link);
}

export function referrersReply(repository: Repository, subject: string): Reply {
  const manifests: object[] = [];
  for (const manifest of repository.manifests.values()) {
    const content: unknown = JSON.parse(manifest.bytes.toString());
    if (typeof content !== 'object' || content === null || !('subject' in content)) continue;
    if ((content.subject as { digest?: string }).digest !== subject) continue;
    const { mediaType, digest, bytes } = manifest;
    const artifactType = 'artifactType' in content ? { artifactType: content.artifactType } : {};
    manifests.push({ mediaType, digest, size: bytes.length, ...artifactType });
  }
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return json(200, { schemaVersion: 2, mediaType, manifests }, { 'content-type': mediaType });
}

/** Pushes, as far as push-through needs: POST, PATCH, PUT of an upload, and PUT of a manifest. */
export function pushReply(
  repository: Repository,
  name: string,
  request: {
    readonly method: string;
    readonly rest: string;
    readonly query: URLSearchParams;
    readonly body: Buffer;
    readonly contentType: string;
  },
): Reply {
  const { method, rest, query, body, contentType } = request;
  const manifest = /^manifests\/(.+)$/.exec(rest)?.[1];
  if (method === 'PUT' && manifest !== undefined) {
    const digest = sha256(body);
    if (manifest.includes(':') && manifest !== digest) return ociError(400, 'DIGEST_INVALID');
    repository.manifests.set(digest, { digest, mediaType: contentType, bytes: body });
    if (!manifest.includes(':')) repository.tags.set(manifest, digest);
    const location = `/v2/${name}/manifests/${digest}`;
    return json(201, {}, { location, 'docker-content-digest': digest });
  }
  const whole = query.get('digest');
  if (method === 'POST' && whole !== null) {
    if (whole !== sha256(body)) return ociError(400, 'DIGEST_INVALID');
    repository.blobs.set(whole, body);
    return json(201, {}, { location: `/v2/${name}/blobs/${whole}`, 'docker-content-digest': whole });
  }
  if (method === 'POST') {
    const id = `upload-${repository.uploads.size + 1}`;
    repository.uploads.set(id, Buffer.alloc(0));
    return json(202, {}, { location: `/v2/${name}/blobs/uploads/${id}`, range: '0-0' });
  }
  const id = /^blobs\/uploads\/(.+)$/.exec(rest)?.[1] ?? '';
  const so = repository.uploads.get(id);
  if (so === undefined) return ociError(404, 'BLOB_UPLOAD_UNKNOWN');
  const bytes = Buffer.concat([so, body]);
  repository.uploads.set(id, bytes);
  const location = `/v2/${name}/blobs/uploads/${id}`;
  if (method === 'PATCH') return json(202, {}, { location, range: `0-${bytes.length - 1}` });
  const digest = query.get('digest') ?? '';
  if (digest !== sha256(bytes)) return ociError(400, 'DIGEST_INVALID');
  repository.blobs.set(digest, bytes);
  return json(201, {}, { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest });
}

function json(status: number, content: object, headers: Record<string, string>): Reply {
  const body = Buffer.from(JSON.stringify(content));
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}
