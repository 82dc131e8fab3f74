import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { sha256 } from '../../test/support/images.ts';
import { createUpstreamClient } from './client.ts';

/** A byte now and then keeps a connection from being silent. */
const parts = 40;
const between = 20;
let server: Server;

async function start(): Promise<string> {
  server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': parts });
    let sent = 0;
    const timer = setInterval(() => {
      response.write('x');
      sent += 1;
      if (sent === parts) clearInterval(timer);
    }, between);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
afterEach(
  () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
);

describe('a blob that drips', () => {
  it.each([
    ['is given up where it was waited for long enough', 200, 0, /came too slowly/],
    ['is taken where there is patience', 60_000, 0, null],
    ['is not blamed for the time that its reader takes', 200, 100, null],
  ])('%s', async (_, blob, pause, expected) => {
    const client = createUpstreamClient({
      name: 'corp',
      namespace: 'corp',
      url: await start(),
      credentials: null,
      timeouts: { blob },
    });
    const { body } = await client.openBlob('a', sha256('x'));
    let received = 0;
    const reading = (async () => {
      for await (const chunk of body) {
        received += chunk.length;
        if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      }
    })();
    if (expected === null) {
      await reading;
      expect(received).toBe(parts);
    } else {
      await expect(reading).rejects.toThrow(expected);
      expect(received).toBeLessThan(parts);
    }
    await client.close();
  });
});
