import type { Change, NewChange } from '../core/change.ts';
import { parseDigest } from '../core/digest.ts';
import type { GrantedException } from '../core/exception.ts';
import { everywhere } from '../core/exception.ts';
import type { OutboxMessage } from '../core/ports/outbox.ts';
import type { EventsStore } from './events.ts';

export interface MemoryEventsStore extends EventsStore {
  readonly changes: Change[];
  readonly cursors: Map<string, number>;
  readonly waiting: OutboxMessage[];
  readonly exceptions: GrantedException[];
  broken: boolean;
  add(change: NewChange): void;
}

/** The part of the state that events need, in memory; `broken` makes every write fail. */
export function memoryEventsStore(): MemoryEventsStore {
  const changes: Change[] = [];
  const cursors = new Map<string, number>();
  const waiting: OutboxMessage[] = [];
  const exceptions: GrantedException[] = [];
  let nextId = 1;
  const at = (id: number): number => waiting.findIndex((message) => message.id === id);
  const store: MemoryEventsStore = {
    changes,
    cursors,
    waiting,
    exceptions,
    broken: false,
    add: (change) => {
      changes.push({ ...change, cursor: changes.length + 1 });
    },
    changesAfter: (cursor, limit) =>
      Promise.resolve(changes.filter((change) => change.cursor > cursor).slice(0, limit)),
    lastCursor: () => Promise.resolve(changes.length),
    followerCursor: (name) => Promise.resolve(cursors.get(name) ?? 0),
    putFollowerCursor: (name, cursor) => {
      cursors.set(name, cursor);
      return Promise.resolve();
    },
    putMessages: (messages, createdAt, follower) => {
      if (store.broken) return Promise.reject(new Error('the disk is full'));
      for (const { receiver, body } of messages) {
        waiting.push({
          id: nextId,
          receiver,
          body,
          attempts: 0,
          createdAt,
          nextAt: createdAt,
          problem: null,
        });
        nextId += 1;
      }
      if (follower !== null) cursors.set(follower.name, follower.cursor);
      return Promise.resolve();
    },
    dueMessages: (receiver, _at, limit) =>
      Promise.resolve(waiting.filter((message) => message.receiver === receiver).slice(0, limit)),
    delivered: (id) => {
      waiting.splice(at(id), at(id) < 0 ? 0 : 1);
      return Promise.resolve();
    },
    failed: (id, problem, nextAt) => {
      const message = waiting[at(id)];
      if (message !== undefined)
        waiting[at(id)] = { ...message, attempts: message.attempts + 1, problem, nextAt };
      return Promise.resolve();
    },
    giveUp: (id) => store.delivered(id),
    deadLetters: () => Promise.resolve([]),
    retryDead: () => Promise.resolve(0),
    waitingMessages: () => Promise.resolve([]),
    listExceptions: () => Promise.resolve(exceptions),
  };
  return store;
}

export function granted(id: string, endsAt: number): GrantedException {
  return {
    id,
    advisory: 'CVE-2026-1',
    package: 'openssl',
    image: null,
    scope: everywhere,
    reason: 'no way in',
    author: 'alice',
    ticket: 'T-1',
    expires: new Date(endsAt).toISOString(),
    endsAt,
    grantedAt: new Date(endsAt - 30 * 86_400_000).toISOString(),
    revoked: null,
  };
}

/** The image with this number passes no longer. */
export function refusedImage(number: number, over: { readonly passesAgain?: true } = {}): NewChange {
  const digest = parseDigest(`sha256:${number.toString(16).padStart(64, '0')}`);
  if (digest === null) throw new Error(`no digest of ${number}`);
  const again = over.passesAgain === true;
  return {
    kind: 'verdict',
    at: '2026-11-24T08:00:00.000Z',
    digest,
    policy: 'baseline',
    images: [`docker.io/library/app-${number}`],
    from: again ? 'fail' : 'pass',
    to: again ? 'pass' : 'fail',
    cause: 'advisories',
    reasons: again ? [] : ['CVE-2026-1 critical in openssl 3.0.1'],
    newlyDenying: again ? [] : ['CVE-2026-1'],
  };
}
