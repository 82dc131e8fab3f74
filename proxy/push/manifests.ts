import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Digest, digestAlgorithm, parseDigest } from '../../core/digest.ts';
import { isPratiqueError } from '../../core/errors.ts';
import type { StoredManifest } from '../../core/image.ts';
import type { HostedRepositories } from '../../core/ports/hosted.ts';
import { tagPattern } from '../../core/reference.ts';
import { formatPointer, type ManifestPointer } from '../../core/repository.ts';
import { manifestLimit, parseManifest } from '../../registry/manifest.ts';
import { isOciError, type OciError, ociError } from '../../registry/oci-error.ts';
import { sendError } from '../respond.ts';
import { readBody } from './body.ts';
import type { Push } from './context.ts';

/** Tags that one request gives; more do not fit into an address of the longest length in any case. */
const mostTags = 100;

/** What a manifest's bytes turned out to be, or the refusal to answer with. */
export async function receiveManifest(
  request: IncomingMessage,
  pointer: ManifestPointer,
): Promise<StoredManifest | OciError> {
  try {
    const bytes = await readBody(request, manifestLimit);
    const manifest = parseManifest(bytes, request.headers['content-type'] ?? null);
    const digest = digestOf(bytes, pointer);
    if (pointer.kind === 'digest' && pointer.digest !== digest) {
      return ociError('DIGEST_INVALID', `the manifest has the digest ${digest}, not ${pointer.digest}`);
    }
    return { digest, mediaType: manifest.mediaType, bytes, manifest };
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    if (error.code === 'manifest-too-large')
      return { ...ociError('SIZE_INVALID', error.message), status: 413 };
    if (error.code === 'manifest-invalid' || error.code === 'limit-exceeded') {
      return ociError('MANIFEST_INVALID', error.message);
    }
    throw error;
  }
}

/** PUT into a hosted repository: kept as it is, and inspected at once; who pulls it waits for the verdict. */
export async function putManifest(
  hosted: HostedRepositories,
  request: IncomingMessage,
  response: ServerResponse,
  push: Push,
  pointer: ManifestPointer,
): Promise<void> {
  const received = await receiveManifest(request, pointer);
  if ('status' in received) {
    sendError(response, 'PUT', received);
    return;
  }
  const tags = tagsOf(pointer, push.query);
  if (isOciError(tags)) {
    sendError(response, 'PUT', tags);
    return;
  }
  await hosted.putManifest(push.address, received, tags);
  if (pointer.kind === 'digest' && tags.length > 0) response.setHeader('OCI-Tag', tags.join(', '));
  sendStored(response, push, received);
}

/** The tags to give: that of the path, or those in the query beside a digest (distribution spec, "Pushing Manifests"). */
function tagsOf(pointer: ManifestPointer, query: URLSearchParams): readonly string[] | OciError {
  if (pointer.kind === 'tag') return [pointer.tag];
  const tags = [...new Set(query.getAll('tag'))];
  if (tags.length > mostTags) {
    const message = `${tags.length} tags are asked for, at most ${mostTags} are given in one request`;
    return { ...ociError('SIZE_INVALID', message), status: 414 };
  }
  const wrong = tags.find((tag) => !tagPattern.test(tag));
  return wrong === undefined ? tags : ociError('MANIFEST_INVALID', `"${wrong.slice(0, 150)}" is not a tag`);
}

export function sendStored(response: ServerResponse, { name }: Push, stored: StoredManifest): void {
  const { subject } = stored.manifest;
  response
    .writeHead(201, {
      Location: `/v2/${name}/manifests/${stored.digest}`,
      'Docker-Content-Digest': stored.digest,
      'Content-Length': 0,
      'Docker-Distribution-Api-Version': 'registry/2.0',
      ...(subject === null ? {} : { 'OCI-Subject': subject }),
    })
    .end();
}

/** DELETE of a tag, or of a manifest with every tag that leads to it. */
export async function deleteManifest(
  hosted: HostedRepositories,
  response: ServerResponse,
  push: Push,
  pointer: ManifestPointer,
): Promise<void> {
  const deleted =
    pointer.kind === 'tag'
      ? await hosted.deleteTag(push.address, pointer.tag)
      : await hosted.deleteManifest(push.address, pointer.digest);
  if (deleted) response.writeHead(202, { 'Content-Length': 0 }).end();
  else {
    const message = `${formatPointer(push.address, pointer)} is not there`;
    sendError(response, 'DELETE', ociError('MANIFEST_UNKNOWN', message));
  }
}

function digestOf(bytes: Uint8Array, like: ManifestPointer): Digest {
  const algorithm = like.kind === 'digest' ? digestAlgorithm(like.digest) : 'sha256';
  const digest = parseDigest(`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`);
  if (digest === null) throw new Error(`node's ${algorithm} is not a digest`);
  return digest;
}
