import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AskContext } from '../core/context.ts';
import { errorText, isPratiqueError } from '../core/errors.ts';
import { canonicalName, isHosted, type RepositoryAddress, repositoryKey } from '../core/repository.ts';
import { isOciError, type OciError, ociError, ociErrorOf } from '../registry/oci-error.ts';
import { parseRegistryPath, type RegistryRequest } from '../registry/path.ts';
import { askerOf } from './asker.ts';
import type { Action } from './auth/access.ts';
import type { AuthRefusal, Granted } from './auth/authorization.ts';
import { serveBlob, serveHostedBlob } from './blobs.ts';
import { listCatalog } from './catalog.ts';
import type { ProxyContext } from './context.ts';
import { headForPusher, serveManifest } from './manifests.ts';
import { boundBody, hasBody } from './push/body.ts';
import { smallBodyPace, uploadPace } from './push/body-pace.ts';
import type { Push } from './push/context.ts';
import { servePush } from './push/hosted.ts';
import { listTags } from './push/lists.ts';
import type { PushThrough } from './push/port.ts';
import { listReferrers } from './referrers.ts';
import { sendError, translateStatus } from './respond.ts';
import { servedWith } from './served.ts';
import { tellAnswer } from './telling.ts';

/** Which right a method needs; null: it is not offered. */
const actions: ReadonlyMap<string, Action> = new Map([
  ['GET', 'pull'],
  ['HEAD', 'pull'],
  ['POST', 'push'],
  ['PATCH', 'push'],
  ['PUT', 'push'],
  ['DELETE', 'delete'],
]);

/** What is learnt of a request on the way to its answer. */
type Outcome = { kind: 'manifest' | 'blob' | 'other'; upstream: string; user: string | null };

/**
 * The distribution API under `/v2/`, on node's own request and response: it stands before Express (ADR 0006).
 * Never rejects; every failure becomes one of the specification's error codes.
 */
export async function serveRegistry(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const started = performance.now();
  const method = request.method ?? 'GET';
  const outcome: Outcome = { kind: 'other', upstream: '', user: null };
  const instead = context.stopsFallback(request);
  if (instead !== null) translateStatus(response, instead);
  try {
    const parsed = parseRegistryPath(request.url ?? '/');
    const isUpload = !isOciError(parsed) && parsed.kind === 'upload';
    // Of everybody's: one who is refused could else go on sending for ever.
    if (hasBody(request)) boundBody(request, response, isUpload ? uploadPace : smallBodyPace);
    const refusal = isOciError(parsed) ? parsed : await answer(context, request, response, parsed, outcome);
    if (refusal !== null) sendError(response, method, refusal);
    tellAnswer(context.logger, request, response, outcome.user);
  } catch (error) {
    answerFailure(context, request, response, error);
  } finally {
    context.onAnswer({
      kind: outcome.kind,
      upstream: outcome.upstream,
      method,
      status: response.statusCode,
      milliseconds: performance.now() - started,
      served: servedWith(response),
      user: outcome.user,
      request,
    });
  }
}

/** Decides who asks for what where, and hands on; gives the refusal to answer with where that is the end. */
async function answer(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
  parsed: RegistryRequest,
  outcome: Outcome,
): Promise<AuthRefusal | null> {
  const method = request.method ?? 'GET';
  const { authorization, addressing } = context;
  const bound = context.bindings.of(request);
  const named = (name: string) => addressing.addressOf(name, parsed.ns, bound);
  if (parsed.kind === 'base') {
    const login = await authorization.authorize(request, 'login');
    if (isOciError(login)) return login;
    sendBase(response, method);
    return null;
  }
  if (parsed.kind === 'catalog') {
    const listing = await authorization.authorize(request, 'catalog');
    if (isOciError(listing)) return listing;
    outcome.user = listing.user;
    if (method !== 'GET' && method !== 'HEAD')
      return ociError('UNSUPPORTED', `the catalog does not take ${method}`);
    const upstream = addressing.upstreamOf(parsed.ns, bound);
    if (typeof upstream === 'object' && upstream !== null) return upstream;
    return listCatalog(context.catalog, response, {
      upstream,
      query: new URLSearchParams(parsed.query),
      method,
      maySee: (name) => listing.maySee(name),
    });
  }
  const address = named(parsed.name);
  if (isOciError(address)) {
    // Which upstreams there are is nobody's business who may not come in.
    const stranger =
      authorization.tokenApp !== null && isOciError(await authorization.authorize(request, 'login'));
    return stranger ? { ...address, message: `"${parsed.name}" is the name of no repository here` } : address;
  }
  outcome.upstream = address.upstream;
  outcome.kind = parsed.kind === 'manifest' || parsed.kind === 'blob' ? parsed.kind : 'other';
  const action = parsed.kind === 'upload' ? 'push' : actions.get(method);
  if (action === undefined) return ociError('UNSUPPORTED', `${method} is not offered here`);
  const through = context.pushThrough.get(address.upstream);
  if (action !== 'pull' && through === undefined && !isHosted(address)) {
    return ociError(
      'UNSUPPORTED',
      `${canonicalName(address)} takes no pushes here: push to a repository below hosted/, or see "push" of the upstream in the configuration`,
    );
  }
  const granted = await authorization.authorize(request, { name: repositoryKey(address), action });
  if (isOciError(granted)) return granted;
  outcome.user = granted.user;
  const query = new URLSearchParams(parsed.query);
  const push: Push = { address, name: parsed.name, granted, query, named };
  if (action === 'pull' || parsed.kind === 'tags' || parsed.kind === 'referrers') {
    await dispatch(context, request, response, parsed, push, through);
  } else if (through !== undefined) await through.serve(request, response, push, parsed);
  else await servePush(context, request, response, push, parsed);
  return null;
}

async function dispatch(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
  parsed: Exclude<RegistryRequest, { kind: 'base' | 'catalog' }>,
  push: Push,
  through: PushThrough | undefined,
): Promise<void> {
  const { address, name, query, granted } = push;
  const method = request.method ?? 'GET';
  const hosted = isHosted(address);
  if (method !== 'GET' && method !== 'HEAD') {
    sendError(response, method, ociError('UNSUPPORTED', `a list does not take ${method}`));
    return;
  }
  const asker = askerOf(granted);
  const takesPushes = hosted || through !== undefined;
  if (method === 'HEAD' && takesPushes && isStranger(context, request, granted)) {
    const cleared = await isCleared(context, address, parsed, asker);
    if (!cleared) return sendError(response, method, await challenge(context, request, address));
  }
  const pushes = granted.viaPushToken && takesPushes;
  switch (parsed.kind) {
    case 'upload':
      throw new Error('an upload needs the right to push');
    case 'manifest':
      if (pushes && method === 'HEAD')
        return headForPusher(context, request, response, address, parsed.pointer, asker);
      return serveManifest(context, request, response, address, parsed.pointer, asker);
    case 'blob':
      if (pushes && through !== undefined && method === 'HEAD')
        return through.headBlob(response, push, parsed.digest);
      if (hosted) {
        const ask = method === 'GET' && isStranger(context, request, granted);
        const asking = ask ? () => challenge(context, request, address) : null;
        return serveHostedBlob(context, request, response, address, parsed.digest, granted, asking);
      }
      return serveBlob(context, request, response, address, parsed.digest, asker);
    case 'referrers':
      return listReferrers(context, response, { address, name, query, method }, parsed.digest);
    case 'tags': {
      if (hosted) return listTags(context.hosted, response, { address, name, query, method });
      const target = `${address.path}/tags/list${parsed.query === '' ? '' : `?${parsed.query}`}`;
      return context.passThrough(request, response, {
        upstream: address.upstream,
        target,
        path: address.path,
        name,
      });
    }
  }
}

/** Whether a manifest or blob could be handed out at once. @throws PratiqueError as the gate */
async function isCleared(
  { gate }: ProxyContext,
  address: RepositoryAddress,
  parsed: RegistryRequest,
  asker: AskContext,
): Promise<boolean> {
  if (parsed.kind === 'blob') return (await gate.blob(address, parsed.digest, asker, 0)).allowed;
  if (parsed.kind !== 'manifest') return true;
  const { pointer } = parsed;
  const manifest =
    pointer.kind === 'tag'
      ? (await gate.tag(address, pointer.tag, 'held')).manifest
      : await gate.resolve(address, pointer);
  return gate.clearance(address, manifest, 'serve', asker).allowed;
}

/** Somebody who has shown nothing yet, where there is something to show. */
function isStranger({ authorization }: ProxyContext, request: IncomingMessage, { user }: Granted): boolean {
  return user === null && authorization.tokenApp !== null && request.headers.authorization === undefined;
}

/**
 * Asks who it is. containerd begins a push with HEAD and without credentials, and gives up at a refusal; who pulls comes
 * back with a token for that, and gets the reason then.
 */
async function challenge(
  { authorization }: ProxyContext,
  request: IncomingMessage,
  address: RepositoryAddress,
): Promise<AuthRefusal> {
  const refusal = await authorization.authorize(request, { name: repositoryKey(address), action: 'push' });
  return isOciError(refusal) ? refusal : ociError('UNAUTHORIZED', 'log in to push');
}

/** The one place where a named failure becomes an answer and a log line. */
function answerFailure(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (request.socket.destroyed && !request.complete) {
    context.logger.info(
      { url: request.url, why: errorText(error) },
      'a request ended before its body was whole',
    );
    return;
  }
  const answer: OciError = isPratiqueError(error)
    ? ociErrorOf(error)
    : { status: 403, code: 'DENIED', message: 'Not cleared by Pratique: an internal error, see the log' };
  const fields = { url: request.url, status: answer.status };
  if (isPratiqueError(error))
    context.logger.warn(
      { ...fields, code: error.code, ...error.fields, why: error.message },
      'request could not be answered',
    );
  else context.logger.error({ ...fields, err: error }, 'request failed unexpectedly');
  sendError(response, request.method ?? 'GET', answer);
}

function sendBase(response: ServerResponse, method: string): void {
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': 2,
    'Docker-Distribution-Api-Version': 'registry/2.0',
  });
  response.end(method === 'HEAD' ? undefined : '{}');
}
