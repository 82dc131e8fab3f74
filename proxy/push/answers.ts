import type { ServerResponse } from 'node:http';
import type { Digest } from '../../core/digest.ts';
import { type OciErrorCode, ociError, ociErrorTable } from '../../registry/oci-error.ts';
import { sendError } from '../respond.ts';
import type { Push } from './context.ts';
import type { Forwarded } from './forward.ts';

/** 201: the repository has the blob. */
export function sendBlobCreated(response: ServerResponse, { name }: Push, digest: Digest): void {
  response
    .writeHead(201, {
      Location: `/v2/${name}/blobs/${digest}`,
      'Docker-Content-Digest': digest,
      'Content-Length': 0,
      'Docker-Distribution-Api-Version': 'registry/2.0',
    })
    .end();
}

/** What the upstream says of a push it does not take; its code where it is one of the specification's. */
export function sendUpstreamRefusal(
  response: ServerResponse,
  push: Push,
  method: string,
  answer: Forwarded,
): void {
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
