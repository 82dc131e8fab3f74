import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Bodies } from './bodies.ts';

const bounds = { longest: 100, together: 250, within: 1000, short: 100, reserved: 0 };

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

  it('that are long leave room for short ones while they wait for an answer', async () => {
    const bodies = new Bodies({ ...bounds, short: 20, reserved: 50 });
    const whole = (bytes: number): Promise<unknown> => {
      const { request, send, end } = coming();
      const reading = bodies.read(request, 'a review');
      send(bytes);
      end();
      return reading;
    };
    // None of them is answered yet.
    expect(await Promise.all([whole(100), whole(100)])).toEqual([expect.any(Buffer), expect.any(Buffer)]);
    expect(await whole(50)).toMatchObject({ status: 503 });
    expect(await Promise.all([whole(20), whole(20)])).toEqual([expect.any(Buffer), expect.any(Buffer)]);
    expect(bodies.held).toBe(240);
  });

  it('count for what their values take in memory', async () => {
    const mebibyte = 1024 * 1024;
    const bodies = new Bodies({
      ...{ longest: 20 * mebibyte, together: 64 * mebibyte, within: 1000 },
      ...{ short: mebibyte / 2, reserved: 16 * mebibyte },
    });
    const whole = (text: string): Promise<Buffer | object> => {
      const stream = Readable.from([Buffer.from(text)]);
      return bodies.read(Object.assign(stream, { headers: {} }) as unknown as IncomingMessage, 'a review');
    };
    const objects = (count: number): string => `[${'{},'.repeat(count)}{}]`;
    expect(await whole(objects(4_000_000))).not.toBeInstanceOf(Buffer);
    expect(bodies.held).toBe(0);
    // What stands in texts is no value.
    const texts = await whole(JSON.stringify(Array.from({ length: 50_000 }, () => '[{},{}],\\"\\\\')));
    expect(bodies.held).toBeLessThan(6 * mebibyte);
    const some = await whole(objects(300_000));
    expect(bodies.held).toBeGreaterThan(24 * mebibyte);
    expect(await whole(objects(300_000))).toMatchObject({ status: 503 });
    for (const body of [texts, some]) if (Buffer.isBuffer(body)) bodies.release(body);
    expect(bodies.held).toBe(0);
  });
});
