import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Digest, parseDigest } from '../../core/digest.ts';
import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { HostedRepositories } from '../../core/ports/hosted.ts';
import { repositoryKey } from '../../core/repository.ts';
import type { BlobsInUse } from '../../registry/blob-leases.ts';
import { ociError, ociErrorOf } from '../../registry/oci-error.ts';
import { parseContentRange } from '../../registry/uploads/content-range.ts';
import type { ChunkClaim, UploadOwner, UploadStatus, Uploads } from '../../registry/uploads/port.ts';
import { type ErrorAnswer, sendError } from '../respond.ts';
import { sendBlobCreated } from './answers.ts';
import { hasBody, lengthOf } from './body.ts';
import { type Push, userOf } from './context.ts';

export interface UploadContext {
  readonly uploads: Uploads;
  readonly hosted: Pick<HostedRepositories, 'keepPushed'>;
  readonly inUse: BlobsInUse;
  /** Whether a blob of another repository may be taken over, and takes it; see `mountBlob`. */
  readonly mount: (push: Push, blob: Digest, from: string | null) => Promise<boolean>;
}

/**
 * Blobs on their way in (distribution spec, "Pushing blobs"): in one piece, in chunks, resumed, mounted.
 * @param session the upload that the path names; null where a new one is asked for
 */
export async function serveUpload(
  context: UploadContext,
  request: IncomingMessage,
  response: ServerResponse,
  push: Push,
  session: string | null,
): Promise<void> {
  const method = request.method ?? 'GET';
  try {
    if (session === null) {
      if (method === 'POST') await begin(context, request, response, push);
      else
        sendError(response, method, ociError('UNSUPPORTED', `an upload is begun with POST, not ${method}`));
    } else await go(context, request, response, push, session);
  } catch (error) {
    const answer = answerOf(error, method);
    if (answer === null) throw error;
    if (isPratiqueError(error) && error.code === 'upload-out-of-order' && session !== null) {
      setProgress(response, push, { id: session, offset: Number(error.fields.offset) });
    }
    sendError(response, method, answer);
  }
}

async function begin(
  context: UploadContext,
  request: IncomingMessage,
  response: ServerResponse,
  push: Push,
): Promise<void> {
  const mount = push.query.get('mount');
  const from = push.query.get('from');
  const mounted = mount === null ? null : digestOf(mount);
  if (mounted !== null && (await context.mount(push, mounted, from))) {
    sendBlobCreated(response, push, mounted);
    return;
  }
  const wanted = push.query.get('digest');
  const digest = wanted === null ? null : digestOf(wanted);
  const owner = ownerOf(push);
  const upload = await context.uploads.begin(owner);
  if (digest === null) {
    sendAccepted(response, push, upload);
    return;
  }
  try {
    await context.uploads.append(upload.id, owner, request, { start: null, length: lengthOf(request) });
    await finish(context, response, push, upload.id, digest);
  } catch (error) {
    // In one piece or not at all: nobody was told of an upload that could go on.
    await context.uploads.cancel(upload.id, owner).catch(ignoreUnknown);
    throw error;
  }
}

/** A mismatch has ended the upload already. */
function ignoreUnknown(error: unknown): void {
  if (!isPratiqueError(error) || error.code !== 'upload-unknown') throw error;
}

async function go(
  context: UploadContext,
  request: IncomingMessage,
  response: ServerResponse,
  push: Push,
  id: string,
): Promise<void> {
  const { uploads } = context;
  const owner = ownerOf(push);
  const method = request.method ?? '';
  switch (method) {
    case 'GET':
    case 'HEAD':
      setProgress(response, push, await uploads.status(id, owner));
      response.writeHead(204).end();
      return;
    case 'PATCH':
      sendAccepted(response, push, await uploads.append(id, owner, request, claimOf(request)));
      return;
    case 'PUT': {
      const digest = digestOf(push.query.get('digest') ?? '');
      if (hasBody(request)) await uploads.append(id, owner, request, claimOf(request));
      await finish(context, response, push, id, digest);
      return;
    }
    case 'DELETE':
      await uploads.cancel(id, owner);
      response.writeHead(204).end();
      return;
    default:
      sendError(response, method, ociError('UNSUPPORTED', `an upload does not take ${method}`));
  }
}

async function finish(
  { uploads, hosted, inUse }: UploadContext,
  response: ServerResponse,
  push: Push,
  id: string,
  digest: Digest,
): Promise<void> {
  await inUse.during([digest], async () => {
    await uploads.finish(id, ownerOf(push), digest, () =>
      hosted.keepPushed(push.address, digest, userOf(push.granted)),
    );
  });
  sendBlobCreated(response, push, digest);
}

/** Whose upload a request's is. */
export function ownerOf({ address, granted }: Push): UploadOwner {
  return { repository: repositoryKey(address), user: userOf(granted) };
}

/** @throws PratiqueError `upload-invalid` where header and length contradict each other */
function claimOf(request: IncomingMessage): ChunkClaim {
  const length = lengthOf(request);
  const header = request.headers['content-range'];
  if (header === undefined) return { start: null, length };
  const range = parseContentRange(header);
  if (range === null) {
    throw new PratiqueError('upload-invalid', `the Content-Range "${header.slice(0, 100)}" is not START-END`);
  }
  const claimed = range.end - range.start + 1;
  if (length !== null && length !== claimed) {
    throw new PratiqueError(
      'upload-invalid',
      `the Content-Range "${header.slice(0, 100)}" is of ${claimed} bytes, the Content-Length says ${length}`,
    );
  }
  return { start: range.start, length: claimed };
}

/** @throws PratiqueError `digest-mismatch`, which is answered with DIGEST_INVALID */
function digestOf(text: string): Digest {
  const digest = parseDigest(text);
  if (digest !== null) return digest;
  throw new PratiqueError('digest-mismatch', `"${text.slice(0, 150)}" is not a sha256 or sha512 digest`);
}

/** What a push is told of a failure that it has itself caused; null for all others. */
function answerOf(error: unknown, method: string): ErrorAnswer | null {
  if (!isPratiqueError(error)) return null;
  const { code, message } = error;
  if (code === 'digest-mismatch') return ociError('DIGEST_INVALID', message);
  if (code === 'limit-exceeded') {
    return { ...ociError('SIZE_INVALID', message), status: method === 'POST' ? 413 : 400 };
  }
  return code === 'upload-out-of-order' ? { ...ociErrorOf(error), status: 416 } : null;
}

function setProgress(response: ServerResponse, { name }: Push, { id, offset }: UploadStatus): void {
  response.setHeader('Location', `/v2/${name}/blobs/uploads/${id}`);
  // Both ends are inclusive, so an upload without a byte cannot be told from one with a single byte.
  response.setHeader('Range', `0-${Math.max(0, offset - 1)}`);
  response.setHeader('Docker-Upload-UUID', id);
  response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
}

function sendAccepted(response: ServerResponse, push: Push, upload: UploadStatus): void {
  setProgress(response, push, upload);
  response.writeHead(202, { 'Content-Length': 0 }).end();
}
