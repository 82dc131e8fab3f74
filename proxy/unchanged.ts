import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Digest } from '../core/digest.ts';

/**
 * Whether what the client has is what it would get (RFC 9110, 13.1.2). Only to be asked after the gate: a 304 is an answer
 * as good as the content.
 */
export function isUnchanged(request: IncomingMessage, digest: Digest): boolean {
  const known = request.headers['if-none-match'];
  if (known === undefined) return false;
  if (known.trim() === '*') return true;
  return known.split(',').some((etag) => etag.trim().replace(/^W\//, '') === `"${digest}"`);
}

/** 304 with the headers by which a cache knows its copy again. @param headers others that the content would have had */
export function sendUnchanged(
  response: ServerResponse,
  digest: Digest,
  headers: Readonly<Record<string, string | string[]>> = {},
): void {
  response.writeHead(304, {
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
    'Docker-Distribution-Api-Version': 'registry/2.0',
    ...headers,
  });
  response.end();
}
