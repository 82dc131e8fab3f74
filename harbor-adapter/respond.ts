import type { ServerResponse } from 'node:http';
import { errorType } from './media-types.ts';
import type { Refusal } from './refusal.ts';

/** Exactly the type that is given: Express would add a charset, which the API's types do not have. */
export function sendBytes(
  response: ServerResponse,
  status: number,
  contentType: string,
  parts: readonly Uint8Array[],
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...(parts.length === 0 ? {} : { 'Content-Type': contentType }),
    'Content-Length': parts.reduce((sum, part) => sum + part.byteLength, 0),
    'Cache-Control': 'no-store',
    ...headers,
  });
  for (const part of parts) response.write(part);
  response.end();
}

/** JSON of a type of the API. */
export function sendJson(response: ServerResponse, status: number, contentType: string, value: object): void {
  sendBytes(response, status, contentType, [Buffer.from(JSON.stringify(value))]);
}

/** The one place that writes an error of the API. */
export function sendRefusal(response: ServerResponse, { status, message, headers }: Refusal): void {
  sendBytes(response, status, errorType, [Buffer.from(JSON.stringify({ error: { message } }))], headers);
}
