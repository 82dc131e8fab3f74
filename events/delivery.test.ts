import { describe, expect, test } from '@jest/globals';
import { silentLogger } from '../core/ports/logger.ts';
import { Delivery, type DeliveryOptions } from './delivery.ts';
import type { Message } from './message.ts';
import type { Outcome } from './outcome.ts';
import { iso, start } from './samples.ts';
import { bodiesOf, memoryOutbox, messageNumber } from './samples-outbox.ts';

const hour = 3_600_000;
const never = new AbortController().signal;
const down: Outcome = { kind: 'retry', problem: 'cannot be reached', after: null, answered: false };
const failing: Outcome = { kind: 'retry', problem: 'answered 500', after: null, answered: true };
const taken: Outcome = { kind: 'delivered' };
const titles = (count: number, from = 1) =>
  Array.from({ length: count }, (_, index) => `message ${index + from}`);

/** One receiver by a clock that the test turns. */
async function room(
  count: number,
  answer: (message: Message, now: number) => Outcome,
  more: { readonly perHour?: number | null; readonly limits?: NonNullable<DeliveryOptions['limits']> } = {},
) {
  const outbox = memoryOutbox();
  const messages = Array.from({ length: count }, (_, index) => messageNumber(index + 1));
  await outbox.putMessages(bodiesOf('r', messages), iso(start), null);
  const got: string[] = [];
  const attempts: number[] = [];
  const errors: string[] = [];
  let clock = start;
  const delivery = new Delivery({
    receiver: { name: 'r', perHour: more.perHour ?? null },
    outbox,
    now: () => clock,
    random: () => 1,
    logger: { ...silentLogger, error: (_, text) => void errors.push(text) },
    ...(more.limits === undefined ? {} : { limits: more.limits }),
    send: (message) => {
      attempts.push(clock - start);
      const outcome = answer(message, clock);
      if (outcome.kind === 'delivered') got.push(message.title);
      return Promise.resolve(outcome);
    },
  });
  const runFor = async (milliseconds: number): Promise<void> => {
    const end = clock + milliseconds;
    while (clock < end) {
      const wait = await delivery.step(never);
      if (wait === null) break;
      clock = Math.min(end, clock + wait);
    }
    clock = end;
  };
  return { outbox, got, attempts, errors, delivery, runFor };
}

describe('delivery', () => {
  test('in order, and then nothing waits', async () => {
    const { outbox, got, runFor, delivery } = await room(5, () => taken);
    await runFor(1000);
    expect(got).toEqual(titles(5));
    expect(outbox.waiting).toEqual([]);
    expect(delivery.counts).toEqual({ delivered: 5, failures: 0, givenUp: 0 });
  });

  test('a receiver that is down for a day gets everything later, in order', async () => {
    const { outbox, got, runFor } = await room(300, (_, now) => (now < start + 24 * hour ? down : taken));
    await runFor(24 * hour);
    expect(got).toEqual([]);
    await runFor(hour);
    expect(got).toEqual(titles(300));
    expect(outbox.dead).toEqual([]);
  });

  test('attempts wait longer and longer, five minutes at most', async () => {
    const { attempts, runFor } = await room(1, () => down);
    await runFor(1200_000);
    expect(attempts.slice(0, 5)).toEqual([0, 1000, 3000, 7000, 15_000]);
    expect((attempts.at(-1) ?? 0) - (attempts.at(-2) ?? 0)).toBe(300_000);
  });

  test('what the receiver asks for is respected', async () => {
    const { attempts, runFor } = await room(1, () => ({ ...failing, after: 90_000 }));
    await runFor(100_000);
    expect(attempts).toEqual([0, 90_000]);
  });

  test('what a receiver will never take is a dead letter, and the next goes on', async () => {
    const { outbox, got, runFor } = await room(3, ({ title }) =>
      title === 'message 2' ? { kind: 'refused', problem: 'answered 400' } : taken,
    );
    await runFor(1000);
    expect(got).toEqual(['message 1', 'message 3']);
    expect(outbox.dead).toMatchObject([{ problem: 'answered 400' }]);
    await outbox.retryDead(null, iso(start));
    expect(outbox.waiting).toHaveLength(1);
  });

  test('one that always fails lets others go before it, and is given up in the end', async () => {
    const { outbox, got, runFor } = await room(3, ({ title }) => (title === 'message 1' ? failing : taken));
    await runFor(2 * hour);
    expect(got).toEqual(['message 2', 'message 3']);
    await runFor(60 * hour);
    expect(outbox.dead).toMatchObject([{ problem: 'answered 500' }]);
    expect(outbox.waiting).toEqual([]);
  });

  test('after two days it is given up; the dead-letter list is bounded', async () => {
    const { outbox, runFor } = await room(50, () => down, { limits: { dead: 20 } });
    await runFor(47 * hour);
    expect(outbox.dead).toEqual([]);
    await runFor(3 * hour);
    expect(outbox.waiting).toEqual([]);
    expect(outbox.dead).toHaveLength(20);
  });

  test('a clock that jumps a week gives nothing up by itself', async () => {
    let first = true;
    const { got, outbox, runFor } = await room(2, () => {
      const outcome = first ? down : taken;
      first = false;
      return outcome;
    });
    await runFor(1);
    await runFor(7 * 24 * hour);
    expect([got, outbox.dead]).toEqual([titles(2), []]);
  });

  test('what cannot be read is a dead letter', async () => {
    const { outbox, got, runFor } = await room(1, () => taken);
    await outbox.putMessages([{ receiver: 'r', body: '{"half' }], iso(start), null);
    await runFor(1000);
    expect(got).toEqual(titles(1));
    expect(outbox.dead).toHaveLength(1);
  });
});

describe('limits', () => {
  test('sixty in an hour, the last of which stands for the rest', async () => {
    const { outbox, got, runFor } = await room(200, () => taken, { perHour: 60 });
    await runFor(1000);
    expect(got.slice(0, 59)).toEqual(titles(59));
    expect(got.slice(59)).toEqual(['141 more: 141 verdict-changed']);
    expect(outbox.waiting).toEqual([]);
    await outbox.putMessages(bodiesOf('r', [messageNumber(201)]), iso(start), null);
    await runFor(hour - 2000);
    expect(got).toHaveLength(60);
    await runFor(2000);
    expect(got.at(-1)).toBe('message 201');
  });

  test('too many that wait: the oldest are folded, none is lost', async () => {
    const { outbox, runFor } = await room(3000, () => down, { limits: { waiting: 1500 } });
    await runFor(1000);
    expect(outbox.waiting.length).toBeLessThanOrEqual(1500);
    const counted = outbox.waiting.map(({ body }) => (JSON.parse(body) as Message).count);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(3000);
  });

  test('what cannot be read is folded into nothing: it is told, and a dead letter', async () => {
    const { outbox, errors, runFor } = await room(0, () => down, { limits: { waiting: 10 } });
    const bodies = bodiesOf(
      'r',
      Array.from({ length: 20 }, (_, index) => messageNumber(index)),
    );
    await outbox.putMessages([{ receiver: 'r', body: '{"half' }, ...bodies], iso(start), null);
    await runFor(1000);
    expect(outbox.dead).toMatchObject([{ body: '{"half' }]);
    expect(errors).toEqual(['events that wait cannot be read']);
    const counted = outbox.waiting.map(({ body }) => (JSON.parse(body) as Message).count);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(20);
  });

  test('of one group: as that group', async () => {
    const { outbox, runFor } = await room(0, () => down, { limits: { waiting: 10 } });
    const same = Array.from({ length: 50 }, (_, index) => messageNumber(index, { group: 'g' }));
    await outbox.putMessages(bodiesOf('r', same), iso(start), null);
    await runFor(1000);
    const [only, ...others] = outbox.waiting.map(({ body }) => JSON.parse(body) as Message);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ kind: 'verdict-changed', group: 'g', count: 50 });
  });
});
