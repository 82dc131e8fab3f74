import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** An answer before any fault is laid over it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What goes wrong with an answer. Several may be given at once. */
export interface Fault {
  /** Answer this instead, with an OCI error body. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A web page with 200, as captive portals and broken gateways send. */
  readonly html?: boolean;
  readonly redirect?: string;
  /** Destroys the socket after so many bytes of body; `Content-Length` promised all of them. */
  readonly cutAfter?: number;
  /** Changes the last byte of the body. */
  readonly corrupt?: boolean;
  /** Bytes that follow the real body; sent chunked, without `Content-Length`. */
  readonly append?: Uint8Array;
  /** Sends the body chunked, without `Content-Length`. */
  readonly chunked?: boolean;
  /** Milliseconds before the head of the answer. */
  readonly delay?: number;
  /** Milliseconds of silence after the first half of the body. */
  readonly stall?: number;
  readonly bytesPerSecond?: number;
  /** Closes the connection without an answer. */
  readonly reset?: boolean;
}

export function ociError(status: number, code: string, headers: Record<string, string> = {}): Reply {
  const body = Buffer.from(JSON.stringify({ errors: [{ code, message: code.toLowerCase(), detail: '' }] }));
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

export function applyFault(reply: Reply, fault: Fault): Reply {
  if (fault.html === true) {
    const body = Buffer.from('<!DOCTYPE html><html><body>Please log in</body></html>');
    return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
  }
  if (fault.redirect !== undefined) {
    const headers = { location: fault.redirect, ...fault.headers };
    return { status: fault.status ?? 307, headers, body: Buffer.alloc(0) };
  }
  if (fault.status !== undefined) {
    const error = ociError(fault.status, 'UNKNOWN', { ...fault.headers });
    return fault.body === undefined ? error : { ...error, body: Buffer.from(fault.body) };
  }
  const body = fault.body === undefined ? Buffer.from(reply.body) : Buffer.from(fault.body);
  const last = body.length - 1;
  if (fault.corrupt === true && last >= 0) body.writeUInt8((body.readUInt8(last) ^ 0xff) & 0xff, last);
  return { status: reply.status, headers: { ...reply.headers, ...fault.headers }, body };
}

/** Sends an answer; gives the number of body bytes that went out. */
export async function send(
  response: ServerResponse,
  reply: Reply,
  fault: Fault,
  head: boolean,
): Promise<number> {
  if (fault.delay !== undefined) await sleep(fault.delay, undefined, { ref: false });
  if (fault.reset === true) {
    response.destroy();
    return 0;
  }
  const chunked = fault.append !== undefined || fault.chunked === true;
  const length: Record<string, string> = chunked ? {} : { 'content-length': String(reply.body.length) };
  response.writeHead(reply.status, { ...length, ...reply.headers });
  if (head) {
    response.end();
    return 0;
  }
  const body =
    fault.append === undefined ? reply.body : Buffer.concat([reply.body, Buffer.from(fault.append)]);
  const end = Math.min(fault.cutAfter ?? body.length, body.length);
  await sendBody(response, body.subarray(0, end), fault);
  if (fault.cutAfter !== undefined) cut(response);
  else response.end();
  return end;
}

async function sendBody(response: ServerResponse, body: Buffer, fault: Fault): Promise<void> {
  const perStep = fault.bytesPerSecond === undefined ? 1 << 18 : Math.max(1, fault.bytesPerSecond / 50);
  const step = fault.stall === undefined ? perStep : Math.min(perStep, Math.max(1, body.length / 2));
  let stalled = false;
  for (let at = 0; at < body.length && !response.destroyed; at += Math.ceil(step)) {
    const writable = response.write(body.subarray(at, at + Math.ceil(step)));
    if (!writable) await drained(response);
    if (fault.bytesPerSecond !== undefined) await sleep(20);
    if (fault.stall !== undefined && !stalled) {
      stalled = true;
      await sleep(fault.stall, undefined, { ref: false });
    }
  }
}

/** Ends the connection after what was written so far, the way a server that dies does. */
function cut(response: ServerResponse): void {
  response.flushHeaders();
  response.socket?.destroySoon();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
