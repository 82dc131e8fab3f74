import { createReadStream, statSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openShaped } from './shaped-folder.ts';

// A registry with the images of a folder behind a line of so many bytes per second, shared by all connections: DIR
// BYTES-PER-SECOND PORT. `/served` tells how many bytes of each blob went out, `/last` when the last of them did (milliseconds
// since 1970), `POST /forget` begins anew.
const [dir = '', rate = '', port = ''] = process.argv.slice(2);
const folder = openShaped(dir);
const mediaType = 'application/vnd.oci.image.manifest.v1+json';
let last = 0;
const served = new Map<string, number>();
/** Bytes that go out in one piece. */
const piece = 64 * 1024;
/** When the line is free again, milliseconds of `performance.now`; it never lies back, so idle time is not made up for. */
let free = 0;

/** Takes the line for so many bytes; resolves when the last of them has gone. */
async function send(bytes: number): Promise<void> {
  free = Math.max(free, performance.now()) + (bytes / Number(rate)) * 1000;
  const wait = free - performance.now();
  // Timers are not finer; what is early by less is late for the next piece.
  if (wait > 2) await sleep(wait);
}

async function sendBlob(path: string, response: ServerResponse, head: boolean): Promise<void> {
  const digest = path.slice(path.lastIndexOf('/') + 1);
  const file = join(folder.blobs, digest.replace('sha256:', ''));
  response.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': statSync(file).size,
    'Docker-Content-Digest': digest,
  });
  if (head) {
    response.end();
    return;
  }
  for await (const chunk of createReadStream(file, { highWaterMark: piece })) {
    const part = chunk as Buffer;
    await send(part.length);
    if (response.destroyed) return;
    served.set(digest, (served.get(digest) ?? 0) + part.length);
    last = Date.now();
    if (!response.write(part))
      await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
  }
  response.end();
}

createServer((request, response) => {
  const path = request.url ?? '';
  const head = request.method === 'HEAD';
  if (path === '/served') {
    response.end(JSON.stringify(Object.fromEntries(served)));
  } else if (path === '/last') {
    response.end(String(last));
  } else if (path === '/forget') {
    served.clear();
    response.end();
  } else if (path.includes('/manifests/')) {
    const { bytes, digest } = folder.manifest(path.slice(path.lastIndexOf('/') + 1));
    response.writeHead(200, {
      'Content-Type': mediaType,
      'Content-Length': bytes.length,
      'Docker-Content-Digest': digest,
    });
    response.end(head ? undefined : bytes);
  } else if (path.includes('/blobs/')) {
    sendBlob(path, response, head).catch(() => response.destroy());
  } else {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
  }
}).listen(Number(port), '127.0.0.1');
