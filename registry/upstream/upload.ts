import type { Readable } from 'node:stream';
import type { Digest } from '../../core/digest.ts';
import { PratiqueError } from '../../core/errors.ts';
import { errorExcerpt } from './answer.ts';
import { type Asked, misbehaved, parseRetryAfter, statusFailure } from './failures.ts';
import { discard, type TransportAnswer, type TransportRequest } from './transport.ts';

export interface Uploading {
  /** The upstream's name. */
  readonly upstream: string;
  readonly base: URL;
  /** The repository's path there. */
  readonly path: string;
  readonly now: () => number;
  readonly ask: (path: string, request: Omit<TransportRequest, 'authorization'>) => Promise<TransportAnswer>;
}

/**
 * Pushes a blob as Docker does: POST for an upload, one PATCH with all bytes, PUT with the digest (distribution spec,
 * "Pushing blobs"). Every registry takes this way, which cannot be said of one request or of several chunks.
 * @throws PratiqueError `upload-invalid`, `upstream-…`
 */
export async function uploadBlob(
  uploading: Uploading,
  { digest, size }: { readonly digest: Digest; readonly size: number },
  open: () => Readable,
): Promise<void> {
  const { base, path, ask } = uploading;
  const begun = await ask(path, {
    method: 'POST',
    url: new URL(`/v2/${path}/blobs/uploads/`, base),
    headers: { 'content-length': '0' },
  });
  const sent = await ask(path, {
    method: 'PATCH',
    url: await next(uploading, begun, 202),
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
    body: open,
  });
  const end = await next(uploading, sent, 202);
  end.searchParams.set('digest', digest);
  const done = await ask(path, { method: 'PUT', url: end, headers: { 'content-length': '0' } });
  await expectStatus(uploading, done, 201);
  await discard(done);
}

/** Where the upload goes on: at the upstream's own host, or not at all (ADR 0013). */
async function next(uploading: Uploading, answer: TransportAnswer, status: number): Promise<URL> {
  await expectStatus(uploading, answer, status);
  await discard(answer);
  const { base, upstream } = uploading;
  const location = answer.header('location');
  const url = location !== null && URL.canParse(location, base.href) ? new URL(location, base) : null;
  if (url === null || url.host !== base.host || url.username !== '') {
    throw misbehaved(
      { upstream, url: answer.url },
      `wants the upload to go on at "${(location ?? '').slice(0, 200)}", which is not its own address`,
    );
  }
  // Behind a proxy that ends TLS some name themselves with http.
  return new URL(`${url.pathname}${url.search}`, base);
}

async function expectStatus(
  { upstream, now }: Uploading,
  answer: TransportAnswer,
  status: number,
): Promise<void> {
  if (answer.status === status) return;
  const asked: Asked = { upstream, url: answer.url };
  const excerpt = await errorExcerpt(answer);
  if ([400, 413, 416].includes(answer.status)) {
    throw new PratiqueError(
      'upload-invalid',
      `the upstream ${upstream} did not take the blob (${answer.status}): ${excerpt}`,
      { upstream, status: answer.status },
    );
  }
  const retryAfter = parseRetryAfter(answer.header('retry-after'), now());
  throw statusFailure(asked, answer.status, 'blob-unknown', excerpt, retryAfter);
}
