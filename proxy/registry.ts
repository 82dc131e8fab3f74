import type { IncomingMessage, ServerResponse } from 'node:http';
import { isPratiqueError } from '../core/errors.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import { isOciError, type OciError, ociErrorOf } from '../registry/oci-error.ts';
import { parseRegistryPath, type RegistryRequest } from '../registry/path.ts';
import { serveBlob } from './blobs.ts';
import type { ProxyContext } from './context.ts';
import { serveManifest } from './manifests.ts';
import { sendError } from './respond.ts';

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
  let kind: 'manifest' | 'blob' | 'other' = 'other';
  let upstream = '';
  try {
    const parsed = parseRegistryPath(request.url ?? '/');
    if (isOciError(parsed)) {
      sendError(response, method, parsed);
    } else if (method !== 'GET' && method !== 'HEAD') {
      sendError(response, method, {
        status: 405,
        code: 'UNSUPPORTED',
        message: `${method} is not offered here: this proxy serves pulls only`,
      });
    } else if (parsed.kind === 'base') {
      sendBase(response, method);
    } else if (parsed.kind === 'catalog' || parsed.kind === 'upload') {
      sendError(response, method, {
        status: 404,
        code: 'UNSUPPORTED',
        message: `${parsed.kind} is not offered here`,
      });
    } else {
      const address = context.addressing.addressOf(parsed.name, parsed.ns);
      if (isOciError(address)) {
        sendError(response, method, address);
      } else {
        upstream = address.upstream;
        kind = parsed.kind === 'manifest' || parsed.kind === 'blob' ? parsed.kind : 'other';
        await dispatch(context, request, response, parsed, address);
      }
    }
  } catch (error) {
    answerFailure(context, request, response, error);
  } finally {
    context.onAnswer({
      kind,
      method,
      status: response.statusCode,
      upstream,
      heldMilliseconds: performance.now() - started,
    });
  }
}

async function dispatch(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
  parsed: Exclude<RegistryRequest, { kind: 'base' | 'catalog' | 'upload' }>,
  address: RepositoryAddress,
): Promise<void> {
  switch (parsed.kind) {
    case 'manifest':
      return serveManifest(context, request, response, address, parsed.pointer);
    case 'blob':
      return serveBlob(context, request, response, address, parsed.digest);
    case 'tags':
    case 'referrers': {
      const below = parsed.kind === 'tags' ? 'tags/list' : `referrers/${parsed.digest}`;
      const target = `${address.path}/${below}${parsed.query === '' ? '' : `?${parsed.query}`}`;
      return context.passThrough(request, response, {
        upstream: address.upstream,
        target,
        path: address.path,
        name: parsed.name,
      });
    }
  }
}

/** The one place where a named failure becomes an answer and a log line. */
function answerFailure(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
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
