import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AskContext } from '../core/context.ts';
import type { Digest } from '../core/digest.ts';
import { errorText } from '../core/errors.ts';
import type { ArrivingBlob } from '../core/ports/gate.ts';
import { canonicalName, type RepositoryAddress } from '../core/repository.ts';
import { ociError } from '../registry/oci-error.ts';
import { answerTo } from './answers.ts';
import { askerOf } from './asker.ts';
import type { AuthRefusal, Granted } from './auth/authorization.ts';
import type { ProxyContext } from './context.ts';
import { holdFor } from './hold.ts';
import { sendRefusal, throttled } from './manifests.ts';
import { parseRange } from './range.ts';
import { sendError } from './respond.ts';
import { noteServed } from './served.ts';
import { isUnchanged, sendUnchanged } from './unchanged.ts';

/** GET and HEAD of a blob, from the local store, when a manifest of this repository that has it is allowed. */
export async function serveBlob(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
  address: RepositoryAddress,
  digest: Digest,
  asker: AskContext,
): Promise<void> {
  const method = request.method ?? 'GET';
  const clearance = await context.gate.blob(address, digest, asker, holdFor(context.holds, request));
  const answer = answerTo(`${canonicalName(address)}@${digest}`, clearance, null);
  if (answer.kind !== 'serve') {
    const comeBack = throttled(clearance, clearance.failures);
    if (comeBack === null) sendRefusal(response, method, answer);
    else sendError(response, method, comeBack);
    return;
  }
  if (isUnchanged(request, digest)) {
    sendUnchanged(response, digest);
    return;
  }
  await context.inUse.during([digest], async () => {
    await sendBlob(context, request, response, digest, await clearance.open());
  });
}

/**
 * GET and HEAD of a blob of a hosted repository. What somebody has pushed is his to see. Who may push is told of any
 * other that is not cleared that it is not there, so that he sends its bytes.
 * @param challenge asks who it is, where nobody has said it yet: it may be the one who has pushed the blob
 */
export function serveHostedBlob(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
  address: RepositoryAddress,
  digest: Digest,
  granted: Pick<Granted, 'user' | 'puller' | 'viaPushToken'>,
  challenge: (() => Promise<AuthRefusal>) | null,
): Promise<void> {
  const { hosted, gate, inUse } = context;
  const { user, viaPushToken } = granted;
  const asker = askerOf(granted);
  const method = request.method ?? 'GET';
  return inUse.during([digest], async () => {
    const there = await hosted.hasBlob(address, digest);
    if (there && user !== null && (await hosted.isPushedBy(address, digest, user))) {
      await sendBlob(context, request, response, digest);
      return;
    }
    // To whoever else only pulls the gate tells its reason; these two are told something else.
    const asksFirst = viaPushToken || challenge !== null;
    if (there && (!asksFirst || (await gate.blob(address, digest, asker, 0)).allowed)) {
      await serveBlob(context, request, response, address, digest, asker);
    } else if (there && challenge !== null) {
      sendError(response, method, await challenge());
    } else {
      const message = `${canonicalName(address)} has no blob ${digest}${there ? ' that is cleared' : ''}: push it`;
      sendError(response, method, ociError('BLOB_UNKNOWN', message));
    }
  });
}

async function sendBlob(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
  digest: Digest,
  arriving: ArrivingBlob | null = null,
): Promise<void> {
  const method = request.method ?? 'GET';
  const size = arriving?.size ?? (await context.store.size(digest));
  const range = parseRange(request.headers.range, size);
  if (range.kind === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${size}`);
    sendError(response, method, {
      status: 416,
      code: 'SIZE_INVALID',
      message: `the blob has ${size} bytes, the range "${request.headers.range ?? ''}" is outside`,
    });
    return;
  }
  const [start, end] = range.kind === 'part' ? [range.start, range.end] : [0, size - 1];
  const head = (): void => {
    response.writeHead(range.kind === 'part' ? 206 : 200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': end - start + 1,
      'Docker-Content-Digest': digest,
      ETag: `"${digest}"`,
      'Accept-Ranges': 'bytes',
      'Docker-Distribution-Api-Version': 'registry/2.0',
      ...(range.kind === 'part' ? { 'Content-Range': `bytes ${start}-${end}/${size}` } : {}),
    });
  };
  const source = arriving === null ? 'store' : 'upstream';
  if (method === 'HEAD' || size === 0) {
    head();
    response.end();
    noteServed(response, { bytes: 0, source, held: 0 });
    return;
  }
  // A failed write is told to its callback; without a listener the same error would end the process.
  response.on('error', () => undefined);
  let bytes = 0;
  try {
    const write = async (chunk: Uint8Array): Promise<void> => {
      // With the first bytes: what comes to nothing before can still be told as that.
      if (bytes === 0) head();
      await written(request.socket, response, chunk);
      bytes += chunk.length;
    };
    if (arriving === null) await context.store.copy(digest, { start, end }, write);
    else await arriving.copy({ start, end }, write);
    response.end();
  } catch (error) {
    if (!response.headersSent) throw error;
    // The status line is out; all that is left is to cut the connection.
    response.destroy();
    context.logger.info({ digest, why: errorText(error) }, 'blob transfer ended early');
  } finally {
    noteServed(response, { bytes, source, held: 0 });
  }
}

/** Resolves when the kernel has taken the chunk, so that its memory can be used again. */
function written(socket: Socket, response: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // A response that waits behind another one on its connection is never told that the connection ended.
    const gone = (): void => reject(new Error('the client closed the connection'));
    if (socket.destroyed) {
      gone();
      return;
    }
    socket.once('close', gone);
    response.write(chunk, (error) => {
      socket.off('close', gone);
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
  });
}
