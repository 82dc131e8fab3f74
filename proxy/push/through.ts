import type { IncomingMessage, ServerResponse } from 'node:http';
import { fromPlainError, isPratiqueError, type PlainError } from '../../core/errors.ts';
import type { StoredManifest } from '../../core/image.ts';
import type { HostedRepositories, PushGate } from '../../core/ports/hosted.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { formatPointer, type ManifestPointer } from '../../core/repository.ts';
import type { BlobsInUse } from '../../registry/blob-leases.ts';
import { isOciError, type OciError, ociError, ociErrorOf } from '../../registry/oci-error.ts';
import type { Uploads } from '../../registry/uploads/port.ts';
import type { UpstreamClient } from '../../registry/upstream/client.ts';
import { answerTo } from '../answers.ts';
import { askerOf } from '../asker.ts';
import type { HoldTimes } from '../context.ts';
import { holdFor } from '../hold.ts';
import { sendRefusal } from '../manifests.ts';
import { sendError } from '../respond.ts';
import type { Push } from './context.ts';
import type { Forwarder } from './forward.ts';
import { receiveManifest, sendStored } from './manifests.ts';
import { type PassContext, passUpload } from './pass-upload.ts';
import { createPassingUploads } from './passing-uploads.ts';
import type { PushMode, PushThrough } from './port.ts';
import { dropCopy } from './upload-copy.ts';

export interface PushThroughParts {
  readonly mode: PushMode;
  readonly upstreamUrl: string;
  /** Its tokens are good for pushes. */
  readonly client: UpstreamClient;
  readonly forwarder: Forwarder;
  readonly gate: PushGate;
  readonly hosted: Pick<HostedRepositories, 'keepPushed'>;
  readonly uploads: Uploads;
  readonly inUse: BlobsInUse;
  readonly holds: HoldTimes;
  readonly reportUrl: (digest: string) => string | null;
  /** See `mountPath`. */
  readonly mountSource: PassContext['mountSource'];
  readonly logger: Logger;
}

export function createPushThrough(parts: PushThroughParts): PushThrough {
  const { mode, client, logger } = parts;
  const passing = createPassingUploads((upload) => {
    dropCopy(parts, upload).catch((error: unknown) =>
      logger.error({ err: error }, 'a copy of an upload could not be dropped'),
    );
  });

  const putManifest = async (
    request: IncomingMessage,
    response: ServerResponse,
    push: Push,
    pointer: ManifestPointer,
  ): Promise<void> => {
    const received = await receiveManifest(request, pointer);
    if (isOciError(received)) {
      sendError(response, 'PUT', received);
      return;
    }
    if (mode === 'gate' && !(await isCleared(parts, request, response, push, pointer, received))) return;
    await client.putManifest(push.address.path, pointer, received.mediaType, received.bytes);
    await parts.gate.accept(push.address, received, pointer);
    sendStored(response, push, received);
  };

  return {
    mode,
    async serve(request, response, push, parsed) {
      const method = request.method ?? '';
      try {
        if (parsed.kind === 'upload') {
          await passUpload({ ...parts, passing }, request, response, push, parsed.session);
        } else if (parsed.kind === 'manifest' && method === 'PUT') {
          await putManifest(request, response, push, parsed.pointer);
        } else if (parsed.kind === 'manifest' && method === 'DELETE') {
          await client.deleteManifest(push.address.path, parsed.pointer);
          await parts.gate.remove(push.address, parsed.pointer);
          response.writeHead(202, { 'Content-Length': 0 }).end();
        } else {
          const what = `${method} of a ${parsed.kind} does not go through to ${push.address.upstream}`;
          sendError(response, method, ociError('UNSUPPORTED', what));
        }
      } catch (error) {
        if (!isPratiqueError(error) || error.code !== 'manifest-invalid') throw error;
        sendError(response, method, ociError('MANIFEST_INVALID', error.message));
      }
    },
    async headBlob(response, { address }, digest) {
      const found = await client.headBlob(address.path, digest);
      if (found === null) {
        sendError(
          response,
          'HEAD',
          ociError('BLOB_UNKNOWN', `${address.upstream} has no blob ${digest} there`),
        );
        return;
      }
      response.writeHead(200, {
        'Content-Type': 'application/octet-stream',
        'Docker-Content-Digest': digest,
        ...(found.size === null ? {} : { 'Content-Length': found.size }),
      });
      response.end();
    },
    close: () => parts.forwarder.close(),
  };
}

/** Holds a manifest until its verdict is there, and tells the client where it is not to go on. */
async function isCleared(
  { gate, holds, reportUrl }: Pick<PushThroughParts, 'gate' | 'holds' | 'reportUrl'>,
  request: IncomingMessage,
  response: ServerResponse,
  { address, granted }: Push,
  pointer: ManifestPointer,
  stored: StoredManifest,
): Promise<boolean> {
  const clearance = await gate.proposed(address, stored, askerOf(granted), holdFor(holds, request));
  const answer = answerTo(formatPointer(address, pointer), clearance, reportUrl(stored.digest));
  if (answer.kind === 'serve') return true;
  const failure = clearance.platforms.find((platform) => platform.failure !== null)?.failure ?? null;
  const refusal = failure === null ? null : refusalOf(failure);
  if (refusal !== null) sendError(response, 'PUT', refusal);
  else sendRefusal(response, 'PUT', answer);
  return false;
}

/** What the manifest names is not there, or the upstream asks to come back later: no verdict, but an answer. */
function refusalOf(failure: PlainError): OciError | null {
  if (failure.code === 'blob-unknown' || failure.code === 'manifest-unknown') {
    return ociError('MANIFEST_BLOB_UNKNOWN', failure.message);
  }
  const answer = ociErrorOf(fromPlainError(failure));
  return answer.code === 'TOOMANYREQUESTS' ? answer : null;
}
