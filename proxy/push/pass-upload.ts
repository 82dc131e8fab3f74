import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Digest, parseDigest } from '../../core/digest.ts';
import { errorText, PratiqueError } from '../../core/errors.ts';
import type { HostedRepositories } from '../../core/ports/hosted.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { repositoryKey } from '../../core/repository.ts';
import { type OciErrorCode, ociError, ociErrorTable } from '../../registry/oci-error.ts';
import type { UploadOwner, Uploads } from '../../registry/uploads/port.ts';
import type { UpstreamClient } from '../../registry/upstream/client.ts';
import { sendError } from '../respond.ts';
import { type Push, userOf } from './context.ts';
import type { Forwarded, Forwarder } from './forward.ts';
import type { PassingUpload, PassingUploads } from './passing-uploads.ts';
import { Tee } from './tee.ts';

export interface PassContext {
  readonly upstreamUrl: string;
  readonly client: Pick<UpstreamClient, 'authorization'>;
  readonly forwarder: Forwarder;
  readonly hosted: Pick<HostedRepositories, 'keepPushed'>;
  readonly uploads: Uploads;
  readonly passing: PassingUploads;
  readonly mountSource: (push: Push, from: string) => string | null;
  readonly logger: Logger;
}

/**
 * An upload that goes through to the upstream, with a copy of its bytes kept here: the inspection then needs no
 * second transfer. A copy that fails is given up; the bytes are fetched from the upstream then.
 */
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
  if (digest !== null) await finished(context, response, push, session, upload, digest, answer);
  else if (method === 'DELETE' || method === 'GET' || method === 'HEAD' || method === 'PATCH') {
    if (method === 'DELETE' && answer.status < 300) await abandon(context, session, upload);
    else if (answer.status < 300) upload.url = locationOf(context, push, answer) ?? upload.url;
    sendProgress(response, push, session, method, answer);
  }
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
  const from = context.mountSource(push, push.query.get('from') ?? '');
  const digest = parseDigest(push.query.get('digest') ?? '');
  if (mount !== null && from !== null) {
    target.searchParams.set('mount', mount);
    target.searchParams.set('from', from);
  } else if (digest !== null) target.searchParams.set('digest', digest);
  const upload: PassingUpload = { owner, url: target, copy: await beginCopy(context, owner) };
  const answer = await passOn(context, request, response, push, upload, target);
  const done = mount !== null && from !== null ? mount : digest;
  if (answer.status === 201 && done !== null) {
    if (done === mount) await abandon(context, null, upload);
    else await keepCopy(context, push, upload, done);
    sendCreated(response, push, done);
  } else if (answer.status === 202) {
    // It has begun an upload instead of taking the blob whole or mounting it: the bytes come again.
    if (done !== null) {
      await abandon(context, null, upload);
      upload.copy = await beginCopy(context, owner);
    }
    upload.url = locationOf(context, push, answer) ?? target;
    sendProgress(response, push, context.passing.begin(upload), 'POST', answer);
  } else {
    await abandon(context, null, upload);
    sendRefusal(response, push, 'POST', answer);
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
  const { copy, owner } = upload;
  const copied =
    copy === null
      ? Promise.resolve(null)
      : context.uploads.append(copy, owner, tee, { start: null, length: null }).then(
          () => copy,
          (error: unknown) => {
            context.logger.info({ why: errorText(error) }, 'the copy of an upload is given up');
            return null;
          },
        );
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

async function beginCopy({ uploads, logger }: PassContext, owner: UploadOwner): Promise<string | null> {
  try {
    return (await uploads.begin(owner)).id;
  } catch (error) {
    logger.info({ why: errorText(error) }, 'an upload passes through without a copy');
    return null;
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
    sendCreated(response, push, digest);
  } else {
    await abandon(context, null, upload);
    sendRefusal(response, push, 'PUT', answer);
  }
}

/** The upstream has the blob; so does the store here, if the copy is what its digest says. */
async function keepCopy(
  { uploads, hosted, logger }: PassContext,
  push: Push,
  upload: PassingUpload,
  digest: Digest,
): Promise<void> {
  if (upload.copy === null) return;
  try {
    await uploads.finish(upload.copy, upload.owner, digest);
    await hosted.keepPushed(push.address, digest, upload.owner.user);
  } catch (error) {
    logger.info({ digest, why: errorText(error) }, 'the copy of an upload is given up');
  }
}

async function abandon(context: PassContext, session: string | null, upload: PassingUpload): Promise<void> {
  if (session !== null) context.passing.end(session);
  if (upload.copy === null) return;
  await context.uploads.cancel(upload.copy, upload.owner).catch((error: unknown) => {
    context.logger.info({ why: errorText(error) }, 'a copy of an upload is gone already');
  });
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
    sendRefusal(response, push, method, answer);
    return;
  }
  response.setHeader('Location', `/v2/${push.name}/blobs/uploads/${id}`);
  response.setHeader('Docker-Upload-UUID', id);
  response.setHeader('Range', answer.range ?? '0-0');
  if (answer.status === 416) sendRefusal(response, push, method, answer);
  else response.writeHead(answer.status, answer.status === 204 ? {} : { 'Content-Length': 0 }).end();
}

function sendCreated(response: ServerResponse, { name }: Push, digest: Digest): void {
  response
    .writeHead(201, {
      Location: `/v2/${name}/blobs/${digest}`,
      'Docker-Content-Digest': digest,
      'Content-Length': 0,
    })
    .end();
}

/** What the upstream says of a push it does not take; its code where it is one of the specification's. */
function sendRefusal(response: ServerResponse, push: Push, method: string, answer: Forwarded): void {
  const said = `the upstream ${push.address.upstream} answered ${answer.status}`;
  const message = answer.words === '' ? said : `${said}: ${answer.words.slice(0, 500)}`;
  if (answer.status === 429) {
    const retryAfter = Number(answer.retryAfter ?? Number.NaN);
    const seconds = Number.isFinite(retryAfter) ? Math.max(1, retryAfter) : 5;
    sendError(response, method, { ...ociError('TOOMANYREQUESTS', message), retryAfter: seconds });
    return;
  }
  const known = Object.keys(ociErrorTable).find((code) => answer.words.includes(`"${code}"`));
  const refused = answer.status >= 400 && answer.status < 500 && answer.status !== 401;
  if (refused && known !== undefined) {
    sendError(response, method, { status: answer.status, code: known as OciErrorCode, message });
  } else sendError(response, method, ociError('DENIED', message));
}
