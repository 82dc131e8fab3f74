import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Bodies } from './bodies.ts';

const bounds = { longest: 100, together: 250, within: 1000 };

/** A request whose body comes when the test says so. */
function coming(declared?: number): {
  readonly request: IncomingMessage;
  send(bytes: number): void;
  end(): void;
} {
  const stream = new Readable({ read: () => undefined });
  const headers = declared === undefined ? {} : { 'content-length': String(declared) };
  return {
    request: Object.assign(stream, { headers }) as unknown as IncomingMessage,
    send: (bytes) => stream.push(Buffer.alloc(bytes, 'x')),
    end: () => stream.push(null),
  };
}

const settled = async (promise: Promise<unknown>): Promise<unknown> =>
  Promise.race([promise, new Promise((resolve) => setTimeout(() => resolve('still coming'), 20))]);

describe('a body', () => {
  it.each([
    ['in one part', [100]],
    ['in several', [40, 40, 20]],
    ['of nothing', []],
  ])('%s is given when all of it is there', async (_what, parts) => {
    const bodies = new Bodies(bounds);
    const { request, send, end } = coming();
    const reading = bodies.read(request, 'a review');
    for (const part of parts) send(part);
    expect(await settled(reading)).toBe('still coming');
    end();
    const body = await reading;
    const length = parts.reduce((sum, part) => sum + part, 0);
    expect(Buffer.isBuffer(body) && body.length).toBe(length);
    expect(bodies.held).toBe(length);
    if (Buffer.isBuffer(body)) bodies.release(body);
    expect(bodies.held).toBe(0);
  });

  it.each([
    ['that is said to be too long', 101, [], 413],
    ['that is too long', undefined, [60, 60], 413],
  ])('%s is refused before all of it is there', async (_what, declared, parts, status) => {
    const bodies = new Bodies(bounds);
    const { request, send } = coming(declared);
    const reading = bodies.read(request, 'a review');
    for (const part of parts) send(part);
    expect(await reading).toMatchObject({ status });
    expect(bodies.held).toBe(0);
  });

  it('that trickles is refused when its time is over', async () => {
    const bodies = new Bodies({ ...bounds, within: 30 });
    const { request, send } = coming(50);
    const reading = bodies.read(request, 'a review');
    send(1);
    expect(await reading).toMatchObject({ status: 408 });
    expect(bodies.held).toBe(0);
  });

  it('that is broken off is not waited for', async () => {
    const bodies = new Bodies(bounds);
    const { request, send } = coming(50);
    const reading = bodies.read(request, 'a review');
    send(1);
    request.destroy();
    expect(await reading).toMatchObject({ status: 400 });
    expect(bodies.held).toBe(0);
  });
});

describe('bodies together', () => {
  it('that are more than is held: the one that has been coming for longest gives way', async () => {
    const bodies = new Bodies(bounds);
    const all = [coming(), coming(), coming()];
    const reading = all.map(({ request }) => bodies.read(request, 'a review'));
    for (const { send } of all) send(90);
    expect(await reading[0]).toMatchObject({ status: 503 });
    for (const { end } of all.slice(1)) end();
    const rest = await Promise.all(reading.slice(1));
    expect(rest.map((body) => Buffer.isBuffer(body))).toEqual([true, true]);
    expect(bodies.held).toBe(180);
  });

  it('count what has come, not what was announced', async () => {
    const bodies = new Bodies(bounds);
    const silent = Array.from({ length: 50 }, () => coming(100));
    for (const { request } of silent) void bodies.read(request, 'a review').catch(() => undefined);
    const { request, send, end } = coming(100);
    const reading = bodies.read(request, 'a review');
    send(100);
    end();
    expect(Buffer.isBuffer(await reading)).toBe(true);
    for (const one of silent) one.request.destroy();
  });
});
