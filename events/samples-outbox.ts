import type { Outbox, OutboxMessage } from '../core/ports/outbox.ts';
import { type Message, messageOf } from './message.ts';
import { event, iso, start } from './samples.ts';

export interface MemoryOutbox extends Outbox {
  readonly cursors: Map<string, number>;
  readonly waiting: OutboxMessage[];
  readonly dead: OutboxMessage[];
}

/** An outbox in memory. */
export function memoryOutbox(): MemoryOutbox {
  let nextId = 1;
  const cursors = new Map<string, number>();
  const waiting: OutboxMessage[] = [];
  const dead: OutboxMessage[] = [];
  const take = (list: OutboxMessage[], id: number): OutboxMessage | null =>
    list.splice(
      list.findIndex((message) => message.id === id),
      list.some((message) => message.id === id) ? 1 : 0,
    )[0] ?? null;
  return {
    cursors,
    waiting,
    dead,
    putMessages: async (messages, at, follower) => {
      for (const { receiver, body } of messages) {
        waiting.push({ id: nextId, receiver, body, attempts: 0, createdAt: at, nextAt: at, problem: null });
        nextId += 1;
      }
      if (follower !== null) cursors.set(follower.name, follower.cursor);
      await Promise.resolve();
    },
    dueMessages: (receiver, at, limit) =>
      Promise.resolve(
        waiting.filter((message) => message.receiver === receiver && message.nextAt <= at).slice(0, limit),
      ),
    delivered: async (id) => {
      take(waiting, id);
      await Promise.resolve();
    },
    failed: async (id, problem, nextAt) => {
      const index = waiting.findIndex((message) => message.id === id);
      const message = waiting[index];
      if (message !== undefined)
        waiting[index] = { ...message, attempts: message.attempts + 1, problem, nextAt };
      await Promise.resolve();
    },
    giveUp: async (id, problem, _at, most) => {
      const message = take(waiting, id);
      if (message !== null) dead.push({ ...message, problem });
      dead.splice(0, Math.max(0, dead.length - most));
      await Promise.resolve();
    },
    deadLetters: (limit) => Promise.resolve(dead.slice(0, limit)),
    retryDead: (id, at) => {
      const back = dead.filter((message) => id === null || message.id === id);
      for (const message of back) {
        take(dead, message.id);
        waiting.push({ ...message, attempts: 0, createdAt: at, nextAt: at });
      }
      return Promise.resolve(back.length);
    },
    waitingMessages: () => {
      const names = new Set([...waiting, ...dead].map(({ receiver }) => receiver));
      const of = (list: readonly OutboxMessage[], name: string): number =>
        list.filter(({ receiver }) => receiver === name).length;
      return Promise.resolve(
        [...names].map((name) => ({ receiver: name, waiting: of(waiting, name), dead: of(dead, name) })),
      );
    },
  };
}

/** The message with this number, of a group of its own. */
export function messageNumber(number: number, over: Parameters<typeof event>[0] = {}): Message {
  const title = `message ${number}`;
  return messageOf(event({ title, group: title, at: iso(start), ...over }), String(number));
}

export function bodiesOf(
  receiver: string,
  messages: readonly Message[],
): { receiver: string; body: string }[] {
  return messages.map((message) => ({ receiver, body: JSON.stringify(message) }));
}
