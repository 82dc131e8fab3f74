import type { ServerResponse } from 'node:http';
import { type OciErrorCode, ociErrorBody, reasonPhrase } from '../registry/oci-error.ts';

export interface ErrorAnswer {
  readonly status: number;
  readonly code: OciErrorCode;
  readonly message: string;
  /** A text: Docker's containerd store prints it behind the message. */
  readonly detail?: string;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number;
  /** Short form for the status line; HEAD has no body to hold the message. */
  readonly phrase?: string;
  /** `WWW-Authenticate`: how to come back with credentials. */
  readonly wwwAuthenticate?: string;
}

const otherStatus = new WeakMap<ServerResponse, (status: number) => number>();

/** Errors of this answer go out with the status that `translate` makes of theirs. null: with their own again. */
export function translateStatus(
  response: ServerResponse,
  translate: ((status: number) => number) | null,
): void {
  if (translate === null) otherStatus.delete(response);
  else otherStatus.set(response, translate);
}

/** The one place that writes an error of the registry API. HEAD gets the same headers and no body. */
export function sendError(response: ServerResponse, method: string, answer: ErrorAnswer): void {
  if (response.headersSent) {
    // Half a body is out: an error text appended to it would be taken for content.
    response.destroy();
    return;
  }
  const body = Buffer.from(ociErrorBody(answer.code, answer.message, answer.detail ?? ''));
  const status = otherStatus.get(response)?.(answer.status) ?? answer.status;
  response.writeHead(status, reasonPhrase(answer.phrase ?? answer.message), {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    'Docker-Distribution-Api-Version': 'registry/2.0',
    ...(answer.wwwAuthenticate === undefined ? {} : { 'WWW-Authenticate': answer.wwwAuthenticate }),
    ...(answer.retryAfter === undefined ? {} : { 'Retry-After': String(answer.retryAfter) }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}

/** A list, or whatever else is made here. HEAD gets the same headers and no body. */
export function sendJson(response: ServerResponse, method: string, type: string, value: object): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, {
    'Content-Type': type,
    'Content-Length': body.length,
    'Docker-Distribution-Api-Version': 'registry/2.0',
  });
  response.end(method === 'HEAD' ? undefined : body);
}
