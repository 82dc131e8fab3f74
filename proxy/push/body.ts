import type { IncomingMessage, ServerResponse } from 'node:http';
import { PratiqueError } from '../../core/errors.ts';
import { type BodyPace, holdToPace } from './body-pace.ts';

/** What is still read of a refused body, so that a client that writes first and reads then sees the answer. */
const lingering = { bytes: 64 * 1024 ** 2, milliseconds: 5000 };

/** Ends a request whose body comes too slowly; of a refused body little more is read before the connection ends. */
export function boundBody(request: IncomingMessage, response: ServerResponse, pace: BodyPace): void {
  holdToPace(request, response, pace);
  response.once('finish', () => {
    if (request.complete) return;
    let left = lingering.bytes;
    const end = setTimeout(() => request.destroy(), lingering.milliseconds);
    request.once('close', () => clearTimeout(end));
    request.on('data', (part: Buffer) => {
      left -= part.length;
      if (left < 0) request.destroy();
    });
  });
}

/** `Content-Length`; null where the body is chunked or the header is no number. */
export function lengthOf(request: IncomingMessage): number | null {
  const header = request.headers['content-length'];
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

export function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || (lengthOf(request) ?? 0) > 0;
}

/** @throws PratiqueError `manifest-too-large` */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const announced = lengthOf(request);
  if (announced !== null && announced > limit + lingering.bytes) throw tooLarge(announced, limit);
  const parts: Buffer[] = [];
  let received = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    received += part.length;
    if (received <= limit) parts.push(part);
    else if (received > limit + lingering.bytes) break;
  }
  if (received > limit) throw tooLarge(received, limit);
  return Buffer.concat(parts);
}

function tooLarge(bytes: number, limit: number): PratiqueError {
  return new PratiqueError(
    'manifest-too-large',
    `the manifest has ${bytes} bytes or more, the limit is ${limit}`,
    {
      bytes,
      limit,
    },
  );
}
