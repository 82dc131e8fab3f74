import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Digest } from '../../core/digest.ts';
import { ociError } from '../../registry/oci-error.ts';
import type { RegistryRequest } from '../../registry/path.ts';
import type { ProxyContext } from '../context.ts';
import { sendError } from '../respond.ts';
import type { Push } from './context.ts';
import { deleteManifest, putManifest } from './manifests.ts';
import { mountBlob } from './mount.ts';
import { ownerOf, serveUpload } from './uploads.ts';

/** What changes a hosted repository. Whether the client may do it has been decided. */
export async function servePush(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
  push: Push,
  parsed: Extract<RegistryRequest, { kind: 'upload' | 'manifest' | 'blob' }>,
): Promise<void> {
  const { hosted, uploads, inUse, store } = context;
  const method = request.method ?? '';
  if (parsed.kind === 'upload') {
    const withRoom = async (to: Push, blob: Digest, record: () => Promise<void>): Promise<void> => {
      // What is there already brings nothing new.
      const isNew = !(await hosted.hasBlob(to.address, blob));
      await uploads.withRoom(ownerOf(to), isNew ? await store.size(blob) : 0, record);
    };
    const mount = (...[to, blob, from]: [Push, Digest, string | null]): Promise<boolean> =>
      inUse.during([blob], () => mountBlob({ ...context, withRoom }, to, blob, from));
    await serveUpload({ uploads, hosted, inUse, mount }, request, response, push, parsed.session);
  } else if (parsed.kind === 'manifest' && method === 'PUT') {
    await putManifest(hosted, request, response, push, parsed.pointer);
  } else if (parsed.kind === 'manifest' && method === 'DELETE') {
    await deleteManifest(hosted, response, push, parsed.pointer);
  } else if (parsed.kind === 'blob' && method === 'DELETE') {
    if (await hosted.deleteBlob(push.address, parsed.digest)) {
      response.writeHead(202, { 'Content-Length': 0 }).end();
    } else sendError(response, method, ociError('BLOB_UNKNOWN', `there is no blob ${parsed.digest}`));
  } else {
    sendError(response, method, ociError('UNSUPPORTED', `a ${parsed.kind} does not take ${method}`));
  }
}
