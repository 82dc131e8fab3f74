import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Digest, parseDigest } from '../../core/digest.ts';
import { PratiqueError } from '../../core/errors.ts';
import { repositoryKey } from '../../core/repository.ts';
import { ociError } from '../../registry/oci-error.ts';
import type { UploadOwner } from '../../registry/uploads/port.ts';
import type { UpstreamClient } from '../../registry/upstream/client.ts';
import { sendError } from '../respond.ts';
import { sendBlobCreated, sendUpstreamRefusal } from './answers.ts';
import { hasBody } from './body.ts';
import { type Push, userOf } from './context.ts';
import type { Forwarded, Forwarder } from './forward.ts';
import type { PassingUpload, PassingUploads } from './passing-uploads.ts';
import { Tee } from './tee.ts';
import { addToCopy, beginCopy, type CopyContext, dropCopy, keepCopy } from './upload-copy.ts';

export interface PassContext extends CopyContext {
  readonly upstreamUrl: string;
  readonly client: Pick<UpstreamClient, 'authorization'>;
  readonly forwarder: Forwarder;
  readonly passing: PassingUploads;
  /** See `mountPath`. */
  readonly mountSource: (push: Push, blob: Digest, from: string) => Promise<string | null>;
}

/** What can be asked of an upload that has begun, and whether bytes may come with it. */
const methods: ReadonlyMap<string, { readonly body: boolean }> = new Map([
  ['GET', { body: false }],
  ['HEAD', { body: false }],
  ['PATCH', { body: true }],
  ['PUT', { body: true }],
  ['DELETE', { body: false }],
]);

/** An upload that goes through to the upstream, with a copy of its bytes kept here. */
export async function passUpload(
  context: PassContext,
  request: IncomingMessage,
  response: ServerResponse,
  push: Push,
  session: string | null,
): Promise<void> {
  const method = request.method ?? '';
  const owner = { repository: repositoryKey(push.address), user: userOf(push.granted) };
  if (session === null) {
    if (method === 'POST') await begin(context, request, response, push, owner);
    else sendError(response, method, ociError('UNSUPPORTED', `an upload is begun with POST, not ${method}`));
    return;
  }
  const upload = context.passing.find(session, owner);
  const known = methods.get(method);
  if (known === undefined) {
    sendError(response, method, ociError('UNSUPPORTED', `an upload does not take ${method}`));
    return;
  }
  if (!known.body && hasBody(request)) {
    // http-proxy takes the headers of such a body away, and the upstream would read it as a request of its own.
    const message = `${method} of an upload has a body: send it without`;
    sendError(response, method, ociError('BLOB_UPLOAD_INVALID', message));
    return;
  }
  const target = new URL(upload.url);
  const digest = method === 'PUT' ? parseDigest(push.query.get('digest') ?? '') : null;
  if (method === 'PUT') {
    if (digest === null) {
      sendError(
        response,
        method,
        ociError('DIGEST_INVALID', 'the upload ends without a sha256 or sha512 digest'),
      );
      return;
    }
    target.searchParams.set('digest', digest);
  }
  const answer = await passOn(context, request, response, push, upload, target);
  if (digest !== null) {
    await finished(context, response, push, session, upload, digest, answer);
    return;
  }
  if (answer.status < 300) {
    if (method === 'DELETE') {
      context.passing.end(session);
      await dropCopy(context, upload);
    } else upload.url = locationOf(context, push, answer) ?? upload.url;
  }
  sendProgress(response, push, session, method, answer);
}

async function begin(
  context: PassContext,
  request: IncomingMessage,
  response: ServerResponse,
  push: Push,
  owner: UploadOwner,
): Promise<void> {
  const target = new URL(`/v2/${push.address.path}/blobs/uploads/`, context.upstreamUrl);
  const mount = parseDigest(push.query.get('mount') ?? '');
  const from = mount === null ? null : await context.mountSource(push, mount, push.query.get('from') ?? '');
  const digest = parseDigest(push.query.get('digest') ?? '');
  if (mount !== null && from !== null) {
    target.searchParams.set('mount', mount);
    target.searchParams.set('from', from);
  } else if (digest !== null) target.searchParams.set('digest', digest);
  const upload: PassingUpload = { owner, url: target, copy: await beginCopy(context, owner) };
  const mounted = mount !== null && from !== null;
  try {
    const answer = await passOn(context, request, response, push, upload, target);
    await begun(context, response, push, upload, answer, { done: mounted ? mount : digest, mounted });
  } catch (error) {
    // Nobody was told of an upload that could go on.
    await dropCopy(context, upload);
    throw error;
  }
}

interface Begun {
  /** The blob that the request wanted to be there at once: taken whole, or mounted. */
  readonly done: Digest | null;
  readonly mounted: boolean;
}

async function begun(
  context: PassContext,
  response: ServerResponse,
  push: Push,
  upload: PassingUpload,
  answer: Forwarded,
  { done, mounted }: Begun,
): Promise<void> {
  if (answer.status === 201 && done !== null) {
    if (mounted) await dropCopy(context, upload);
    else await keepCopy(context, push, upload, done);
    sendBlobCreated(response, push, done);
  } else if (answer.status === 202) {
    upload.url = locationOf(context, push, answer) ?? upload.url;
    // It has begun an upload instead of taking the blob whole or mounting it: the bytes come again.
    if (done !== null) {
      await dropCopy(context, upload);
      upload.copy = await beginCopy(context, upload.owner);
    }
    sendProgress(response, push, context.passing.begin(upload), 'POST', answer);
  } else {
    await dropCopy(context, upload);
    sendUpstreamRefusal(response, push, 'POST', answer);
  }
}

/** Hands the request on; its bytes go into the copy as well. */
async function passOn(
  context: PassContext,
  request: IncomingMessage,
  response: ServerResponse,
  push: Push,
  upload: PassingUpload,
  target: URL,
): Promise<Forwarded> {
  const authorization = await context.client.authorization(push.address.path);
  const tee = new Tee();
  const { copy } = upload;
  const copied = addToCopy(context, upload, tee);
  try {
    return await context.forwarder.forward(request, response, {
      target: `${target.pathname}${target.search}`,
      authorization,
      onData: copy === null ? null : (chunk) => tee.write(chunk),
    });
  } finally {
    tee.end();
    upload.copy = await copied;
  }
}

async function finished(
  context: PassContext,
  response: ServerResponse,
  push: Push,
  session: string,
  upload: PassingUpload,
  digest: Digest,
  answer: Forwarded,
): Promise<void> {
  context.passing.end(session);
  if (answer.status === 201) {
    await keepCopy(context, push, upload, digest);
    sendBlobCreated(response, push, digest);
  } else {
    await dropCopy(context, upload);
    sendUpstreamRefusal(response, push, 'PUT', answer);
  }
}

/**
 * Where the upload goes on. Credentials are sent there, so it has to be the upstream itself.
 * @throws PratiqueError `upstream-misbehaved`
 */
function locationOf({ upstreamUrl }: PassContext, push: Push, { location }: Forwarded): URL | null {
  if (location === null) return null;
  const url = URL.canParse(location, upstreamUrl) ? new URL(location, upstreamUrl) : null;
  if (url !== null && url.origin === new URL(upstreamUrl).origin) return url;
  const { upstream } = push.address;
  throw new PratiqueError(
    'upstream-misbehaved',
    `the upstream ${upstream} wants an upload to go on elsewhere, at "${location.slice(0, 200)}"`,
    { upstream },
  );
}

function sendProgress(
  response: ServerResponse,
  push: Push,
  id: string,
  method: string,
  answer: Forwarded,
): void {
  if (answer.status >= 300 && answer.status !== 416) {
    sendUpstreamRefusal(response, push, method, answer);
    return;
  }
  response.setHeader('Location', `/v2/${push.name}/blobs/uploads/${id}`);
  response.setHeader('Docker-Upload-UUID', id);
  response.setHeader('Range', answer.range ?? '0-0');
  if (answer.status === 416) sendUpstreamRefusal(response, push, method, answer);
  else response.writeHead(answer.status, answer.status === 204 ? {} : { 'Content-Length': 0 }).end();
}
