import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

const closing: (() => Promise<void>)[] = [];

/** A server on loopback; its URL. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  return `http://127.0.0.1:${(address as AddressInfo).port}`;
}

export async function closeServers(): Promise<void> {
  for (const close of closing.splice(0)) await close();
}

export const someTime = 'Mon, 05 Jan 2026 10:00:00 GMT';

/** Path → answer, with validators and ranges as a file server has them; everything else is 404. */
export function files(
  known: Readonly<Record<string, string | Buffer>>,
  seen: string[] = [],
  lastModified = someTime,
): RequestListener {
  return (request, response) => {
    const path = request.url ?? '';
    const body = known[path];
    if (body === undefined) {
      seen.push(`404 ${path}`);
      response.writeHead(404).end('none');
      return;
    }
    const etag = `"${Buffer.byteLength(body)}-${Buffer.from(body).toString('hex').slice(0, 40)}"`;
    const headers = { 'last-modified': lastModified, etag, 'content-length': Buffer.byteLength(body) };
    if (request.headers['if-none-match'] === etag) {
      seen.push(`304 ${path}`);
      response.writeHead(304, { etag }).end();
      return;
    }
    seen.push(`200 ${path}`);
    response.writeHead(200, headers).end(body);
  };
}
