import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { at } from './samples.ts';
import { type Engine, engines, type Stores } from './samples-engines.ts';

describe.each(engines)('the outbox in %s', (_name, open) => {
  let engine: Engine;
  let stores: Stores;
  beforeEach(async () => {
    engine = await open();
    ({ stores } = engine);
  });
  afterEach(() => engine.remove());

  const put = (receiver: string, ...bodies: readonly string[]): Promise<void> =>
    stores.putMessages(
      bodies.map((body) => ({ receiver, body })),
      at(0),
      null,
    );
  const due = async (receiver: string, minute: number): Promise<readonly string[]> =>
    (await stores.dueMessages(receiver, at(minute), 10)).map(({ body }) => body);

  it('gives each receiver its own, the oldest first, after a restart too', async () => {
    await put('slack', 'one', 'two');
    await put('falco', 'three');
    stores = await engine.reopen();
    expect(await due('slack', 0)).toEqual(['one', 'two']);
    expect(await stores.dueMessages('falco', at(0), 1)).toEqual([
      {
        id: 3,
        receiver: 'falco',
        body: 'three',
        attempts: 0,
        createdAt: at(0),
        nextAt: at(0),
        problem: null,
      },
    ]);
  });

  it('takes messages and the cursor of what they follow from together', async () => {
    await stores.putMessages([{ receiver: 'slack', body: 'one' }], at(0), { name: 'events', cursor: 5 });
    expect([await due('slack', 0), await stores.followerCursor('events')]).toEqual([['one'], 5]);
    const bad = { receiver: 'slack', body: null as unknown as string };
    await expect(
      stores.putMessages([{ receiver: 'slack', body: 'two' }, bad], at(0), { name: 'events', cursor: 9 }),
    ).rejects.toBeDefined();
    expect([await due('slack', 0), await stores.followerCursor('events')]).toEqual([['one'], 5]);
  });

  it('gives a message that failed again when it is time, and one that was delivered never', async () => {
    await put('slack', 'one', 'two');
    await stores.delivered(1);
    await stores.failed(2, 'HTTP 503', at(5));
    expect(await due('slack', 4)).toEqual([]);
    expect(await stores.dueMessages('slack', at(5), 10)).toMatchObject([
      { attempts: 1, problem: 'HTTP 503' },
    ]);
  });

  it('keeps the newest that were given up, and puts them back when asked', async () => {
    await put('slack', 'one', 'two', 'three', 'four');
    await put('falco', 'other');
    for (const id of [1, 2, 3, 5]) await stores.giveUp(id, 'gone', at(id), 2);
    await stores.giveUp(99, 'never there', at(9), 2);
    expect((await stores.deadLetters(10)).map(({ body, problem }) => [body, problem])).toEqual([
      ['other', 'gone'],
      ['three', 'gone'],
      ['two', 'gone'],
    ]);
    expect(await stores.waitingMessages()).toEqual([
      { receiver: 'falco', waiting: 0, dead: 1 },
      { receiver: 'slack', waiting: 1, dead: 2 },
    ]);
    expect(await stores.retryDead(2, at(10))).toBe(1);
    expect(await stores.retryDead(2, at(10))).toBe(0);
    expect(await due('slack', 9)).toEqual(['four']);
    expect(await due('slack', 10)).toEqual(['two', 'four']);
    expect(await stores.retryDead(null, at(11))).toBe(2);
    expect(await stores.deadLetters(10)).toEqual([]);
  });
});
