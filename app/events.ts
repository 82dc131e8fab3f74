import { type EventKind, eventKinds, type PratiqueEvent } from '../core/event.ts';
import type { Exception } from '../core/exception.ts';
import type { ProxySettings } from '../core/http-proxy.ts';
import type { FeedProblem } from '../core/ports/advisories.ts';
import type { ExceptionStore } from '../core/ports/exceptions.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Outbox } from '../core/ports/outbox.ts';
import type { Sightings } from '../core/ports/sightings.ts';
import type { VerdictStore } from '../core/ports/verdicts.ts';
import { check, policyInvalid } from '../events/checks.ts';
import { Delivery, type DeliveryCounts } from '../events/delivery.ts';
import { Desk } from '../events/desk.ts';
import { Follower } from '../events/follower.ts';
import { Loop } from '../events/loop.ts';
import { createSend } from '../events/send.ts';
import type { EventsConfig } from './config/events.ts';

export type EventsStore = Pick<
  VerdictStore,
  'changesAfter' | 'lastCursor' | 'followerCursor' | 'putFollowerCursor'
> &
  Outbox &
  Pick<ExceptionStore, 'listExceptions'>;

export interface EventsOptions {
  readonly config: EventsConfig;
  readonly store: EventsStore;
  readonly sightings: Pick<Sightings, 'sightingsOf'>;
  /** Of the oldest feed, ISO 8601; null: there are no advisories. */
  readonly advisoriesUpdatedAt: () => string | null;
  readonly advisoriesProblems: () => readonly FeedProblem[];
  /** Those that stand in the policy files in force. */
  readonly policyExceptions: () => readonly Exception[];
  readonly hostname: string;
  readonly proxies: ProxySettings;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly logger: Logger;
}

export interface EventsCounts {
  readonly events: Readonly<Record<EventKind, number>>;
  readonly receivers: readonly (DeliveryCounts & { readonly receiver: string })[];
}

export interface RunningEvents {
  /** A pull or an admission that was refused; durable within two seconds. */
  refused(event: PratiqueEvent): void;
  /** A policy that was read is not as it has to be. One sentence. */
  policyInvalid(problem: string): void;
  /** The change stream has grown. It is looked at once a second anyway. */
  poke(): void;
  readonly counts: EventsCounts;
  /** Puts down what is being gathered, and ends deliveries; what was not delivered waits for the next start. */
  close(): Promise<void>;
}

/** Milliseconds. */
const everySecond = 1000;
const longestIdle = 2000;
const betweenChecks = 3_600_000;
/** A start has to have its advisories before their absence is told. */
const firstCheck = 60_000;

/** Follows the change stream, gathers what happens and delivers it. Without receivers nothing runs. */
export async function startEvents(options: EventsOptions): Promise<RunningEvents> {
  const { config, store, now, random, logger } = options;
  const { receivers } = config;
  const desk = new Desk(receivers);
  if (receivers.length === 0) {
    await Follower.rest(store);
    return idle(desk);
  }
  const lanes = receivers.map((receiver) => {
    const send = createSend(receiver, { hostname: options.hostname, now, proxies: options.proxies });
    const delivery = new Delivery({ receiver, send, outbox: store, now, random, logger });
    const loop = new Loop({
      step: (signal) => delivery.step(signal),
      longestSleep: longestIdle,
      name: receiver.name,
      logger,
    });
    return { name: receiver.name, delivery, loop };
  });
  const onMessages = (): void => {
    for (const { loop } of lanes) loop.poke();
  };
  const follower = new Follower({ store, sightings: options.sightings, desk, now, onMessages, logger });
  await follower.begin();
  await tellOfOrphans(options);

  let nextCheck = now() + firstCheck;
  const stepOnce = async (): Promise<number> => {
    const wait = await follower.step();
    // A clock that was set back must not put the next check off.
    if (now() >= nextCheck || nextCheck - now() > betweenChecks) {
      await check({ ...options, ...config, desk, onMessages }, now());
      nextCheck = now() + betweenChecks;
    }
    return wait;
  };
  const loop = new Loop({ step: stepOnce, longestSleep: everySecond, name: 'changes', logger });
  loop.start();
  for (const lane of lanes) lane.loop.start();

  return {
    refused: (event) => desk.take(event, null, now()),
    policyInvalid: (problem) => desk.take(policyInvalid(problem, new Date(now()).toISOString()), null, now()),
    poke: () => loop.poke(),
    get counts() {
      return {
        events: countsOf(desk),
        receivers: lanes.map(({ name, delivery }) => ({ receiver: name, ...delivery.counts })),
      };
    },
    close: async () => {
      await loop.close();
      try {
        await follower.end();
      } finally {
        await Promise.all(lanes.map((lane) => lane.loop.close()));
      }
    },
  };
}

function idle(desk: Desk): RunningEvents {
  return {
    refused: (event) => desk.take(event, null, 0),
    policyInvalid: () => undefined,
    poke: () => undefined,
    get counts() {
      return { events: countsOf(desk), receivers: [] };
    },
    close: () => Promise.resolve(),
  };
}

function countsOf(desk: Desk): Record<EventKind, number> {
  const counts = Object.fromEntries(eventKinds.map((kind) => [kind, desk.taken.get(kind) ?? 0]));
  return counts as Record<EventKind, number>;
}

/** Messages of a receiver that is configured no more wait for ever; nobody may think that they were delivered. */
async function tellOfOrphans({ config, store, logger }: EventsOptions): Promise<void> {
  const names = new Set(config.receivers.map(({ name }) => name));
  const orphans = (await store.waitingMessages()).filter(({ receiver }) => !names.has(receiver));
  for (const { receiver, waiting, dead } of orphans)
    logger.warn({ receiver, waiting, dead }, 'events wait for a receiver that is not configured');
}
