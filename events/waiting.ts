import type { Outbox, OutboxMessage } from '../core/ports/outbox.ts';
import { foldAll, foldGroups } from './fold.ts';
import { type Message, messageSchemaVersion } from './message.ts';

/** Later than any time that a message may be due at: everything that waits. */
export const whenever = '9999-12-31T23:59:59.999Z';

/** Messages that are folded in one step. */
const step = 1000;

/** A message that waits, read; null: what is kept is no message of this version. */
export function readMessage({ body }: Pick<OutboxMessage, 'body'>): Message | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  return isMessage(value) ? value : null;
}

/** What a step of folding has come to, and what it has left alone: what cannot be read. */
export interface Folded {
  /** How many messages fewer wait. */
  readonly fewer: number;
  readonly unreadable: readonly OutboxMessage[];
}

/**
 * Makes fewer of the messages that wait for a receiver, from the oldest on: those of one group become one, and where that
 * does not help, all of a step become one that counts them. Put first and taken out afterwards, so nothing is lost.
 * @param at ISO 8601
 */
export async function foldWaiting(
  outbox: Outbox,
  receiver: string,
  most: number,
  at: string,
): Promise<Folded> {
  const all = await outbox.waitingMessages();
  const waiting = all.find((entry) => entry.receiver === receiver)?.waiting ?? 0;
  if (waiting <= most) return { fewer: 0, unreadable: [] };
  const unreadable: OutboxMessage[] = [];
  const readable: OutboxMessage[] = [];
  const messages: Message[] = [];
  for (const kept of await outbox.dueMessages(receiver, whenever, step)) {
    const message = readMessage(kept);
    if (message === null) unreadable.push(kept);
    else {
      readable.push(kept);
      messages.push(message);
    }
  }
  const [first, ...others] = messages;
  if (first === undefined) return { fewer: 0, unreadable };
  const groups = foldGroups(messages);
  const folded = groups.length <= messages.length / 2 ? groups : [foldAll([first, ...others])];
  await outbox.putMessages(
    folded.map((message) => ({ receiver, body: JSON.stringify(message) })),
    at,
    null,
  );
  await Promise.all(readable.map(({ id }) => outbox.delivered(id)));
  return { fewer: readable.length - folded.length, unreadable };
}

function isMessage(value: unknown): value is Message {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schemaVersion' in value &&
    value.schemaVersion === messageSchemaVersion &&
    'kind' in value &&
    'examples' in value &&
    Array.isArray(value.examples) &&
    'images' in value &&
    Array.isArray(value.images)
  );
}
