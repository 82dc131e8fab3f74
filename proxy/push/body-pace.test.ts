import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { boundBody, readBody } from './body.ts';
import { type BodyPace, smallBodyPace, uploadPace } from './body-pace.ts';

/** Far apart, so that a machine that is busy changes nothing: what has to end would go on for a minute. */
const drip = { every: 20, times: 3000 };
const long = 600_000;
const paces: Record<'whole' | 'paced' | 'idle', BodyPace> = {
  whole: { idle: long, patience: 300, bytesPerSecond: null, interval: 20 },
  paced: { idle: long, patience: 300, bytesPerSecond: 1024 ** 2, interval: 20 },
  idle: { idle: 300, patience: long, bytesPerSecond: null, interval: 20 },
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** What became of reading the body; the server answers 201 with its length. */
async function serve(
  pace: BodyPace,
  read = (request: Parameters<typeof readBody>[0]) => readBody(request, 1e7),
) {
  const outcomes: string[] = [];
  const server = createServer((request, response) => {
    boundBody(request, response, pace);
    read(request).then(
      (body) => {
        outcomes.push(`${body.length} bytes`);
        response.writeHead(201).end(`${body.length}`);
      },
      (error: Error) => outcomes.push(error.message),
    );
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return { port: (server.address() as AddressInfo).port, outcomes };
}

/** Sends `parts`, one every so often, until the other side ends. Gives all that came back. */
async function send(port: number, head: string, parts: Iterable<string | Buffer>): Promise<string> {
  let answer = '';
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  socket.on('error', () => undefined);
  socket.on('data', (part: Buffer) => {
    answer += part.toString();
    if (answer.includes(' 201 ')) socket.destroy();
  });
  socket.write(head);
  for (const part of parts) {
    if (socket.destroyed) break;
    socket.write(part);
    await Promise.race([sleep(drip.every), closed]);
  }
  await closed;
  return answer;
}

function* bytes(times: number): Generator<string> {
  for (let sent = 0; sent < times; sent += 1) yield '1\r\na\r\n';
}
const chunked = 'PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
const announced = (length: number): string =>
  `PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;

describe('a body', () => {
  it.each([
    ['that drips, of those that have to come whole in time', paces.whole, bytes(drip.times)],
    ['that drips, of those that have to come at a pace', paces.paced, bytes(drip.times)],
    ['that stops', paces.idle, ['1\r\na\r\n']],
    ['that never begins', paces.idle, []],
  ])(
    '%s: 408 and the end of the connection',
    async (_what, pace, parts) => {
      const { port, outcomes } = await serve(pace);
      const answer = await send(port, chunked, parts);
      expect(answer).toMatch(/^HTTP\/1\.1 408 .*\r\nConnection: close\r\n.*"code":"SIZE_INVALID"/s);
      expect(answer).toContain('comes too slowly');
      // Whoever reads it is told.
      expect(outcomes).toEqual([expect.stringContaining('comes too slowly')]);
    },
    30_000,
  );

  it('that drips is taken where it comes at its pace', async () => {
    const { port, outcomes } = await serve({ ...paces.paced, bytesPerSecond: 1 });
    expect(await send(port, chunked, [...bytes(50), '0\r\n\r\n'])).toMatch(/^HTTP\/1\.1 201 .*50/s);
    expect(outcomes).toEqual(['50 bytes']);
  }, 30_000);

  it('that waits here, since nobody takes it yet, is not to blame', async () => {
    const { port } = await serve(paces.whole, async (request) => {
      await sleep(1500);
      return readBody(request, 1e7);
    });
    const parts = [Buffer.alloc(4_000_000)];
    expect(await send(port, announced(4_000_000), parts)).toMatch(/^HTTP\/1\.1 201 .*4000000/s);
  }, 30_000);

  it('that is answered early ends with its connection', async () => {
    const server = createServer((request, response) => {
      boundBody(request, response, { ...paces.idle, idle: long });
      response.writeHead(403).end();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const answer = await send((server.address() as AddressInfo).port, chunked, bytes(drip.times));
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  }, 30_000);

  it('has a minute; a layer a second more for each KiB', () => {
    expect(smallBodyPace).toMatchObject({ idle: 60_000, patience: 60_000, bytesPerSecond: null });
    expect(uploadPace).toMatchObject({ idle: 60_000, patience: 60_000, bytesPerSecond: 1024 });
  });
});
