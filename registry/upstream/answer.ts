import { type Digest, parseDigest } from '../../core/digest.ts';
import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import { manifestLimit } from '../manifest.ts';
import { bareMediaType } from '../media-types.ts';
import { type Asked, misbehaved, shownUrl, unreachable } from './failures.ts';
import { discard, type TransportAnswer } from './transport.ts';

/** A whole manifest, if it is not too large. */
export async function readManifest(answer: TransportAnswer, asked: Asked): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  const tooLarge = (): PratiqueError =>
    new PratiqueError(
      'manifest-too-large',
      `the manifest at ${shownUrl(asked.url)} has more than ${manifestLimit} bytes`,
      { upstream: asked.upstream, url: shownUrl(asked.url), limit: manifestLimit },
    );
  if ((lengthOf(answer) ?? 0) > manifestLimit) {
    await discard(answer);
    throw tooLarge();
  }
  let received = 0;
  try {
    for await (const chunk of answer.body) {
      const bytes = chunk as Buffer;
      received += bytes.length;
      if (received > manifestLimit) throw tooLarge();
      chunks.push(bytes);
    }
  } catch (error) {
    throw isPratiqueError(error) ? error : unreachable(asked, error);
  }
  return Buffer.concat(chunks);
}

/** The announced digest; one that is none is no way to announce. */
export async function announcedDigest(answer: TransportAnswer, asked: Asked): Promise<Digest | null> {
  const header = answer.header('docker-content-digest');
  if (header === null) return null;
  const digest = parseDigest(header.trim());
  if (digest !== null) return digest;
  await discard(answer);
  throw misbehaved(asked, `announced "${header.slice(0, 100)}" as the content's digest`);
}

/** `Content-Type` without parameters. */
export function mediaTypeOf(answer: TransportAnswer): string | null {
  return bareMediaType(answer.header('content-type'));
}

/** `Content-Length` in bytes. */
export function lengthOf(answer: TransportAnswer): number | null {
  const header = answer.header('content-length');
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

/** The first message of an OCI error body, on one line and at most 1200 characters; empty where there is none. */
export async function errorExcerpt(answer: TransportAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  let received = 0;
  const impatient = setTimeout(() => answer.body.destroy(new Error('too slow')), 2000);
  try {
    for await (const chunk of answer.body) {
      chunks.push(chunk as Buffer);
      received += (chunk as Buffer).length;
      if (received > 16_384) break;
    }
  } catch {
    // The status has decided already; an upstream that does not finish its excuse changes nothing.
  } finally {
    clearTimeout(impatient);
  }
  const message = /"message"\s{0,10}:\s{0,10}"((?:[^"\\]|\\["\\/nt]){1,1200})/.exec(
    Buffer.concat(chunks).toString('utf8'),
  )?.[1];
  return (message ?? '')
    .replace(/\\(.)/g, (_, sign: string) => (/[nt]/.test(sign) ? ' ' : sign))
    .replace(/[^\x20-\x7e]/g, '?');
}

/** Bytes of an `ETag` that are kept; a longer one is never asked with. */
const longestEtag = 200;

/** The `ETag` as it came; one that is none is no way to ask again. */
export function etagOf(answer: TransportAnswer): string | null {
  const etag = answer.header('etag')?.trim() ?? '';
  return /^(?:W\/)?"[\x21\x23-\x7e]*"$/.test(etag) && etag.length <= longestEtag ? etag : null;
}
