import type { Outbox, OutboxMessage } from '../core/ports/outbox.ts';
import type { SyncKept } from './kept.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

/** The operations of `Outbox`, answered at once. */
export type SyncOutbox = Sync<Outbox>;

const columns = 'id, receiver, body, attempts, created_at AS createdAt, next_at AS nextAt, problem';

export function outboxOn(db: Sqlite, kept: Pick<SyncKept, 'putFollowerCursor'>): SyncOutbox {
  const sql = {
    put: db.prepare<{ receiver: string; body: string; at: string }>(
      'INSERT INTO outbox (receiver, body, attempts, created_at, next_at) VALUES (@receiver, @body, 0, @at, @at)',
    ),
    due: db.prepare<[string, string, number], OutboxMessage>(
      `SELECT ${columns} FROM outbox WHERE receiver = ? AND dead_at IS NULL AND next_at <= ? ORDER BY id LIMIT ?`,
    ),
    delivered: db.prepare<[number]>('DELETE FROM outbox WHERE id = ?'),
    failed: db.prepare<[string, string, number]>(
      'UPDATE outbox SET attempts = attempts + 1, problem = ?, next_at = ? WHERE id = ?',
    ),
    giveUp: db.prepare<[string, string, number], { receiver: string }>(
      'UPDATE outbox SET attempts = attempts + 1, problem = ?, dead_at = ? WHERE id = ? RETURNING receiver',
    ),
    bury: db.prepare<[string, number]>(
      `DELETE FROM outbox WHERE id IN (
         SELECT id FROM outbox WHERE receiver = ? AND dead_at IS NOT NULL
         ORDER BY dead_at DESC, id DESC LIMIT -1 OFFSET ?)`,
    ),
    dead: db.prepare<[number], OutboxMessage>(
      `SELECT ${columns} FROM outbox WHERE dead_at IS NOT NULL ORDER BY dead_at DESC, id DESC LIMIT ?`,
    ),
    retry: db.prepare<{ id: number | null; at: string }>(
      `UPDATE outbox SET dead_at = NULL, attempts = 0, next_at = @at
       WHERE dead_at IS NOT NULL AND (@id IS NULL OR id = @id)`,
    ),
    counts: db.prepare<[], { receiver: string; waiting: number; dead: number }>(
      `SELECT receiver, sum(dead_at IS NULL) AS waiting, sum(dead_at IS NOT NULL) AS dead
       FROM outbox GROUP BY receiver ORDER BY receiver`,
    ),
  };
  const putMessages = db.transaction((...[messages, at, follower]: Parameters<SyncOutbox['putMessages']>) => {
    for (const { receiver, body } of messages) sql.put.run({ receiver, body, at });
    if (follower !== null) kept.putFollowerCursor(follower.name, follower.cursor);
  });
  const giveUp = db.transaction((id: number, problem: string, at: string, most: number): void => {
    const dead = sql.giveUp.get(problem, at, id);
    if (dead !== undefined) sql.bury.run(dead.receiver, most);
  });
  return {
    putMessages: (messages, at, follower) => putMessages.immediate(messages, at, follower),
    dueMessages: (receiver, at, limit) => sql.due.all(receiver, at, limit),
    delivered: (id) => {
      sql.delivered.run(id);
    },
    failed: (id, problem, nextAt) => {
      sql.failed.run(problem, nextAt, id);
    },
    giveUp: (id, problem, at, most) => giveUp.immediate(id, problem, at, most),
    deadLetters: (limit) => sql.dead.all(limit),
    retryDead: (id, at) => sql.retry.run({ id, at }).changes,
    waitingMessages: () => sql.counts.all(),
  };
}
