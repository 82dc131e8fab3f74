import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { proxiesOf } from '../core/http-proxy.ts';
import { type Logger, silentLogger } from '../core/ports/logger.ts';
import { startConnectProxy } from '../test/support/connect-proxy.ts';
import { Delivery } from './delivery.ts';
import { Loop } from './loop.ts';
import type { Message } from './message.ts';
import type { ReceiverKind } from './receivers/config.ts';
import { verifySignature } from './receivers/webhook/signature.ts';
import { iso } from './samples.ts';
import { bodiesOf, memoryOutbox, messageNumber } from './samples-outbox.ts';
import { createSend } from './send.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener, port = 0): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const webhook = (port: number): ReceiverKind => ({
  type: 'webhook',
  url: `http://127.0.0.1:${port}/secret-path`,
  token: 'secret-token',
  ca: null,
  format: 'message',
  secret: 'secret-key',
});
const send = (port: number, message = messageNumber(1)) =>
  createSend(webhook(port), { hostname: 'h', now: Date.now, timeout: 500 })(
    message,
    new AbortController().signal,
  );

describe('what an answer means', () => {
  test.each([
    [200, {}, { kind: 'delivered' }],
    [204, {}, { kind: 'delivered' }],
    [302, { Location: 'http://127.0.0.1:1/' }, { kind: 'retry', answered: true }],
    [400, {}, { kind: 'refused' }],
    [404, {}, { kind: 'refused' }],
    [408, {}, { kind: 'retry' }],
    [429, { 'Retry-After': '7' }, { kind: 'retry', after: 7000 }],
    [500, {}, { kind: 'retry', after: null }],
    [503, { 'Retry-After': new Date(Date.now() + 60_000).toUTCString() }, { kind: 'retry' }],
  ])('%i', async (status, headers, outcome) => {
    const port = await serve((_, response) => response.writeHead(status, headers).end('words'));
    expect(await send(port)).toMatchObject(outcome);
  });

  test.each<[string, RequestListener, string]>([
    ['silence', () => undefined, 'did not answer in time'],
    ['a connection that ends', (request) => request.socket.destroy(), 'cannot be reached: ECONNRESET'],
    [
      'an answer that breaks off',
      (_, response) => {
        response.writeHead(200, { 'Content-Length': '100' });
        response.write('half');
        setTimeout(() => response.destroy(), 20);
      },
      'cannot be reached',
    ],
    [
      'an answer without end',
      (_, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      },
      'cannot be reached: ERR_BAD_RESPONSE',
    ],
  ])('%s', async (_, listener, problem) => {
    const outcome = await send(await serve(listener));
    expect(outcome).toMatchObject({ kind: 'retry', answered: false });
    expect(outcome.kind === 'retry' && outcome.problem).toContain(problem);
  });

  test('nobody there', async () => {
    expect(await send(1)).toMatchObject({ kind: 'retry', problem: 'cannot be reached: ECONNREFUSED' });
  });
});

test('a receiver that is down, fails, throttles, hangs and breaks off gets everything at least once', async () => {
  const got: { readonly id: string; readonly signed: boolean }[] = [];
  const moods = ['500', '429', 'hang', 'break', 'late'] as const;
  let asked = 0;
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      asked += 1;
      const mood = asked % 2 === 0 ? 'well' : (moods[(asked >> 1) % moods.length] ?? 'well');
      const take = (): void => {
        const signature = String(request.headers['pratique-signature']);
        got.push({
          id: String(request.headers['x-pratique-message-id']),
          signed: verifySignature('secret-key', signature, body, Date.now()),
        });
      };
      if (mood === '500') return response.writeHead(500).end();
      if (mood === '429') return response.writeHead(429, { 'Retry-After': '0' }).end();
      if (mood === 'break') return request.socket.destroy();
      // Taken, but nobody learns of it: the one case in which a message comes twice.
      take();
      if (mood === 'late') return setTimeout(() => response.end(), 400);
      return mood === 'hang' ? undefined : response.end();
    });
  };
  const port = await serve(listener);
  const logged: string[] = [];
  const log = (fields: object, message: string): void => {
    logged.push(`${JSON.stringify(fields)} ${message}`);
  };
  const logger: Logger = { ...silentLogger, info: log, warn: log, error: log };
  const outbox = memoryOutbox();
  const messages: Message[] = Array.from({ length: 20 }, (_, index) => messageNumber(index));
  await outbox.putMessages(bodiesOf('r', messages), iso(Date.now()), null);
  // Time flies, so that waits are short.
  let ahead = 0;
  const delivery = new Delivery({
    receiver: { name: 'r', perHour: null },
    send: createSend(webhook(port), { hostname: 'h', now: Date.now, timeout: 200 }),
    outbox,
    now: () => Date.now() + ahead,
    random: Math.random,
    logger,
  });
  for (;;) {
    const wait = await delivery.step(new AbortController().signal);
    if (wait === null) break;
    ahead += wait;
  }
  const ids = got.map(({ id }) => id);
  const order = [...new Set(ids)];
  expect(order).toEqual(messages.map(({ id }) => id));
  expect(got.every(({ signed }) => signed)).toBe(true);
  expect(outbox.dead).toEqual([]);
  expect(logged.join('\n')).not.toContain('secret');
});

test('the end waits for an attempt that is under way, and loses nothing', async () => {
  const port = await serve((_, response) => setTimeout(() => response.end(), 150));
  const outbox = memoryOutbox();
  await outbox.putMessages(bodiesOf('r', [messageNumber(1), messageNumber(2)]), iso(Date.now()), null);
  const delivery = new Delivery({
    receiver: { name: 'r', perHour: null },
    send: createSend(webhook(port), { hostname: 'h', now: Date.now }),
    outbox,
    now: Date.now,
    random: Math.random,
    logger: silentLogger,
  });
  const loop = new Loop({
    step: (signal) => delivery.step(signal),
    longestSleep: 1000,
    name: 'r',
    logger: silentLogger,
  });
  loop.start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await loop.close();
  expect(delivery.counts.delivered).toBe(1);
  expect(outbox.waiting).toHaveLength(1);
});

test('the proxy of the environment is asked for a receiver elsewhere, and not for one on this machine', async () => {
  const port = await serve((_request, response) => response.end());
  const proxy = await startConnectProxy();
  const proxies = proxiesOf({ HTTP_PROXY: proxy.url });
  for (const host of ['receiver.test', '127.0.0.1']) {
    const receiver = { ...webhook(port), url: `http://${host}:${port}/` } as ReceiverKind;
    const post = createSend(receiver, { hostname: 'h', now: Date.now, proxies });
    expect(await post(messageNumber(1), new AbortController().signal)).toEqual({ kind: 'delivered' });
  }
  expect(proxy.tunnels).toEqual([`receiver.test:${port}`]);
  await proxy.close();
});
