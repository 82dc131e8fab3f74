import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { boundConnections } from './connections.ts';

const most = 3;
let server: Server;
let open: Socket[];
beforeEach(async () => {
  open = [];
  server = createServer((request, response) => {
    if (request.url === '/slow') setTimeout(() => response.end('ok'), 200);
    else response.end('ok');
  });
  boundConnections(server, most);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const socket of open) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function dial(): Promise<Socket> {
  const accepted = new Promise((resolve) => server.once('connection', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  open.push(socket);
  await accepted;
  return socket;
}

/** What comes back for the next request; null: the connection is closed. */
function ask(socket: Socket, path = '/', times = 1): Promise<string | null> {
  return new Promise((resolve) => {
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    socket.once('close', () => resolve(null));
    if (socket.destroyed) resolve(null);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(times));
  });
}

const closed = (socket: Socket): Promise<boolean> =>
  new Promise((resolve) => {
    if (socket.destroyed) resolve(true);
    socket.once('close', () => resolve(true));
    socket.resume();
  });

describe('more connections than there may be', () => {
  it('end the oldest that has never asked', async () => {
    const [first, second] = [await dial(), await dial()];
    const asking = await dial();
    expect(await ask(asking)).toContain('200 OK');
    const newcomer = await dial();
    expect(await closed(first)).toBe(true);
    for (const socket of [second, asking, newcomer]) expect(await ask(socket)).toContain('200 OK');
  });

  it('end the one that has been idle for longest, where all have asked', async () => {
    const sockets = [await dial(), await dial(), await dial()];
    for (const socket of sockets) await ask(socket);
    const [first, second, third] = sockets as [Socket, Socket, Socket];
    await ask(first);
    const newcomer = await dial();
    expect(await closed(second)).toBe(true);
    for (const socket of [first, third, newcomer]) expect(await ask(socket)).toContain('200 OK');
  });

  it('end none that waits for an answer', async () => {
    const waiting = await dial();
    const answer = ask(waiting, '/slow');
    const [silent] = [await dial(), await dial()];
    await new Promise((resolve) => setTimeout(resolve, 50));
    await dial();
    expect(await closed(silent)).toBe(true);
    expect(await answer).toContain('200 OK');
  });
});

it('a connection with many requests before an answer is closed', async () => {
  const socket = await dial();
  expect(await ask(socket, '/slow', 9)).toBeNull();
});
