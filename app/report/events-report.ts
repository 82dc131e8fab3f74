import type { OutboxMessage } from '../../core/ports/outbox.ts';
import type { Message } from '../../events/message.ts';
import { formatTable } from './table.ts';

export interface ReceiverStatus {
  readonly name: string;
  /** null: it is not configured, and what waits for it stays. */
  readonly type: string | null;
  readonly waiting: number;
  readonly dead: number;
  /** When the oldest that waits was made, ISO 8601; null: nothing waits. */
  readonly since: string | null;
  /** Of the oldest: its last failure; null: nothing waits, or it was not tried. */
  readonly problem: string | null;
}

export interface DeadLetter extends Omit<OutboxMessage, 'body'> {
  /** null: it cannot be read. */
  readonly message: Message | null;
}

export function receiversText(receivers: readonly ReceiverStatus[]): string {
  if (receivers.length === 0)
    return 'No receivers are configured: nobody is told of anything (docs/events.md).';
  const rows = receivers.map(({ name, type, waiting, dead, since, problem }) => [
    name,
    type ?? 'not configured',
    String(waiting),
    String(dead),
    since ?? '-',
    problem ?? '',
  ]);
  return formatTable(['RECEIVER', 'TYPE', 'WAITING', 'GIVEN UP', 'OLDEST', 'LAST PROBLEM'], rows);
}

export function deadText(letters: readonly DeadLetter[]): string {
  if (letters.length === 0) return 'No message was given up.';
  const rows = letters.map(({ id, receiver, createdAt, attempts, message, problem }) => [
    String(id),
    receiver,
    createdAt,
    String(attempts),
    message?.title ?? 'cannot be read',
    problem ?? '',
  ]);
  const table = formatTable(['ID', 'RECEIVER', 'MADE', 'ATTEMPTS', 'MESSAGE', 'PROBLEM'], rows);
  return `${table}\n\nPut back with: pratique events retry [ID]`;
}
