import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Flights } from '../core/flights.ts';
import { ByteChannel } from './channel.ts';
import { createSemaphore } from './semaphore.ts';

const chunk = (text: string): Uint8Array => Buffer.from(text);

async function readAll(channel: ByteChannel): Promise<string> {
  let text = '';
  for await (const part of channel) text += Buffer.from(part).toString();
  return text;
}

describe('ByteChannel', () => {
  it('gives every chunk in order, and ends', async () => {
    const channel = new ByteChannel();
    const reading = readAll(channel);
    for (const text of ['a', '', 'b', 'c']) await channel.push(chunk(text));
    channel.end();
    expect(await reading).toBe('abc');
  });

  it('holds the writer back until the reader has taken a chunk', async () => {
    const channel = new ByteChannel();
    let pushed = false;
    const pushing = channel.push(chunk('a')).then(() => {
      pushed = true;
    });
    await sleep(10);
    expect(pushed).toBe(false);
    const reader = channel[Symbol.asyncIterator]();
    expect((await reader.next()).value).toEqual(chunk('a'));
    channel.end();
    expect((await reader.next()).done).toBe(true);
    await pushing;
  });

  it.each([
    [
      'stops early',
      async (channel: ByteChannel) => {
        for await (const _part of channel) break;
      },
    ],
    [
      'fails',
      async (channel: ByteChannel) => {
        try {
          for await (const _part of channel) throw new Error('it failed');
        } catch {
          // What the reader does with its error is its own matter.
        }
      },
    ],
    ['never reads', (channel: ByteChannel) => Promise.resolve(channel.abandon())],
  ])('lets the writer finish when the reader %s', async (_what, read) => {
    const channel = new ByteChannel();
    const reading = read(channel);
    for (let count = 0; count < 100; count += 1) await channel.push(chunk('x'));
    channel.end();
    await reading;
  });

  it('lets go of a writer that is waiting when the reader is gone', async () => {
    const channel = new ByteChannel();
    const pushing = channel.push(chunk('x'));
    channel.abandon();
    await pushing;
  });
});

describe('Flights', () => {
  it('starts one piece of work per key, and forgets it when it lands', async () => {
    const flights = new Flights<number>();
    let started = 0;
    const work = async (): Promise<number> => {
      started += 1;
      await sleep(5);
      return started;
    };
    expect(
      await Promise.all([flights.run('a', work), flights.run('a', work), flights.run('b', work)]),
    ).toEqual([2, 2, 2]);
    expect([flights.size, flights.has('a')]).toEqual([0, false]);
    expect(await flights.run('a', work)).toBe(3);
  });

  it('gives a failure to all who wait, and starts anew afterwards', async () => {
    const flights = new Flights<number>();
    const failing = (): Promise<number> => Promise.reject(new Error('it failed'));
    const both = await Promise.allSettled([flights.run('a', failing), flights.run('a', failing)]);
    expect(both.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    expect(await flights.run('a', () => Promise.resolve(1))).toBe(1);
  });
});

describe('createSemaphore', () => {
  it('lets in so many at once, the others in turn, and refuses more by name', async () => {
    const enter = createSemaphore(2, 2);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    const task = (number: number) => () =>
      new Promise<number>((resolve) => {
        inside += 1;
        most = Math.max(most, inside);
        order.push(number);
        setTimeout(() => {
          inside -= 1;
          resolve(number);
        }, 10);
      });
    const results = await Promise.allSettled([0, 1, 2, 3, 4].map((number) => enter(task(number))));
    expect([most, order]).toEqual([2, [0, 1, 2, 3]]);
    expect(results.map((one) => one.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
    expect(results[4]).toMatchObject({
      reason: { code: 'queue-full', message: expect.stringMatching(/^2 images are waiting/) },
    });
  });

  it('gives the turn on when a task fails', async () => {
    const enter = createSemaphore(1, 1);
    const failing = enter(() => Promise.reject(new Error('it failed')));
    const next = enter(() => Promise.resolve('next'));
    await expect(failing).rejects.toThrow('it failed');
    expect(await next).toBe('next');
    expect(await enter(() => Promise.resolve('later'))).toBe('later');
  });
});
