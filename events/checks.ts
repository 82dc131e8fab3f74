import { createHash } from 'node:crypto';
import { noSubject, type PratiqueEvent } from '../core/event.ts';
import type { Exception } from '../core/exception.ts';
import type { FeedProblem } from '../core/ports/advisories.ts';
import type { ExceptionStore } from '../core/ports/exceptions.ts';
import type { Outbox } from '../core/ports/outbox.ts';
import type { VerdictStore } from '../core/ports/verdicts.ts';
import type { Desk } from './desk.ts';

export interface CheckOptions {
  readonly store: Pick<VerdictStore, 'followerCursor' | 'putFollowerCursor'> &
    Pick<Outbox, 'putMessages'> &
    Pick<ExceptionStore, 'listExceptions'>;
  readonly desk: Desk;
  /** Those of the policy files in force. */
  readonly policyExceptions: () => readonly Exception[];
  /** Of the oldest feed, ISO 8601; null: there are no advisories. */
  readonly advisoriesUpdatedAt: () => string | null;
  /** Feeds that could not be renewed. */
  readonly advisoriesProblems: () => readonly FeedProblem[];
  /** Milliseconds before the end of an exception. */
  readonly warnBefore: number;
  /** Milliseconds: the age from which advisories are stale. */
  readonly staleAfter: number;
  readonly onMessages: () => void;
}

const day = 86_400_000;
const staleMarker = 'events/advisories-stale';

/** What only the clock brings about. Each is told once, whatever restarts: the outbox and a marker change together. */
export async function check(options: CheckOptions, now: number): Promise<void> {
  await checkExceptions(options, now);
  await checkAdvisories(options, now);
  for (const problem of options.advisoriesProblems()) await checkFeed(options, problem, now);
}

async function checkExceptions(options: CheckOptions, now: number): Promise<void> {
  const { store, desk, policyExceptions, warnBefore, onMessages } = options;
  const at = new Date(now).toISOString();
  const all = [...(await store.listExceptions(at)), ...policyExceptions()];
  for (const exception of all.filter(({ endsAt }) => endsAt > now && endsAt - now <= warnBefore)) {
    const name = `events/exception/${idOf(exception)}`;
    if ((await store.followerCursor(name)) !== 0) continue;
    await store.putMessages(desk.single(expiring(exception, at), name), at, { name, cursor: 1 });
    onMessages();
  }
}

/** Told again each day for as long as it lasts. */
async function checkAdvisories(options: CheckOptions, now: number): Promise<void> {
  const { store, desk, advisoriesUpdatedAt, staleAfter, onMessages } = options;
  const updatedAt = advisoriesUpdatedAt();
  const told = await store.followerCursor(staleMarker);
  if (updatedAt !== null && now - Date.parse(updatedAt) <= staleAfter) {
    if (told !== 0) await store.putFollowerCursor(staleMarker, 0);
    return;
  }
  if (told !== 0 && Math.abs(now - told) < day) return;
  const at = new Date(now).toISOString();
  const event = stale(updatedAt, at);
  await store.putMessages(desk.single(event, at), at, { name: staleMarker, cursor: now });
  onMessages();
}

/** Told again each day for as long as it lasts, and at once when it begins anew. */
async function checkFeed(options: CheckOptions, problem: FeedProblem, now: number): Promise<void> {
  const { store, desk, onMessages } = options;
  const name = `events/advisories-broken/${problem.feed}`;
  const told = await store.followerCursor(name);
  if (told >= Date.parse(problem.since) && Math.abs(now - told) < day) return;
  const at = new Date(now).toISOString();
  await store.putMessages(desk.single(broken(problem, at), at), at, { name, cursor: now });
  onMessages();
}

function broken({ feed, why, since }: FeedProblem, at: string): PratiqueEvent {
  return {
    kind: 'advisories-broken',
    severity: 'warning',
    at,
    group: `advisories ${feed}`,
    title: `${feed} could not be renewed since ${since}`,
    reasons: [why, 'What was known of it stays in force and grows old: pratique advisories status'],
    subject: noSubject,
  };
}

function expiring(exception: Exception, at: string): PratiqueEvent {
  const { advisory, package: name, image, reason, author, ticket, expires } = exception;
  const what = [
    advisory,
    ...(name === null ? [] : [`in ${name}`]),
    ...(image === null ? [] : [`for ${image}`]),
  ];
  return {
    kind: 'exception-expiring',
    severity: 'warning',
    at,
    group: `exception ${idOf(exception)}`,
    title: `The exception of ${what.join(' ')} ends on ${expires}`,
    reasons: [`${author}: ${reason}`, ...(ticket === null ? [] : [`Ticket: ${ticket}`])],
    subject: { ...noSubject, advisories: [advisory] },
  };
}

function stale(updatedAt: string | null, at: string): PratiqueEvent {
  return {
    kind: 'advisories-stale',
    severity: 'warning',
    at,
    group: 'advisories',
    title: updatedAt === null ? 'There are no advisories' : `The advisories are of ${updatedAt}`,
    reasons: ['Update them: pratique advisories update'],
    subject: noSubject,
  };
}

export function policyInvalid(problem: string, at: string): PratiqueEvent {
  return {
    kind: 'policy-invalid',
    severity: 'warning',
    at,
    group: `policy ${problem}`,
    title: 'The policy is not as it has to be; the last good one stays in force',
    reasons: [problem],
    subject: noSubject,
  };
}

/** An exception of a policy file has no id: it is known by what it says. */
function idOf(exception: Exception): string {
  if (exception.id !== null) return exception.id;
  const { advisory, package: name, image, author, endsAt, scope } = exception;
  const said = JSON.stringify([advisory, name, image, author, endsAt, scope]);
  return createHash('sha256').update(said).digest('hex').slice(0, 16);
}
