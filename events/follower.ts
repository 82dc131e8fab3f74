import type { Change, VerdictChange } from '../core/change.ts';
import type { Digest } from '../core/digest.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Outbox } from '../core/ports/outbox.ts';
import { runningDays, type Sighting, type Sightings } from '../core/ports/sightings.ts';
import type { VerdictStore } from '../core/ports/verdicts.ts';
import { allows } from '../core/verdict.ts';
import type { Addressed, Desk } from './desk.ts';
import { eventsOf, type Grounds, groundsAfter } from './from-changes.ts';

export type FollowedStore = Pick<
  VerdictStore,
  'changesAfter' | 'lastCursor' | 'followerCursor' | 'putFollowerCursor'
> &
  Outbox;

/** Where the follower has got to. */
export const followerName = 'events';
/** 1 while the stream is followed: its beginning has the cursor 0, as has a follower that never was. */
const followedName = 'events/followed';

/** Changes that are read at a time: the main thread has others to serve in between. */
const page = 100;
const pagesOfStep = 50;
/** Milliseconds: an image that was let in this long ago may still run. */
const runsFor = runningDays * 86_400_000;

export interface FollowerOptions {
  readonly store: FollowedStore;
  readonly sightings: Pick<Sightings, 'sightingsOf'>;
  readonly desk: Desk;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Messages are in the outbox. */
  readonly onMessages: () => void;
  readonly logger: Logger;
}

/** Reads the change stream by a durable cursor, and puts messages and cursor down together. */
export class Follower {
  readonly #options: FollowerOptions;
  #read = 0;
  #durable = 0;
  #grounds: Grounds = {};
  #pending: readonly Addressed[] = [];

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** The first time from the end of the stream: what has been before is no event. */
  async begin(): Promise<void> {
    const { store } = this.#options;
    if ((await store.followerCursor(followedName)) === 0) {
      await store.putFollowerCursor(followerName, await store.lastCursor());
      await store.putFollowerCursor(followedName, 1);
    }
    this.#read = await store.followerCursor(followerName);
    this.#durable = this.#read;
  }

  /** Nobody is to be told: whoever is configured later begins at the end of the stream again. */
  static async rest(store: Pick<FollowedStore, 'putFollowerCursor'>): Promise<void> {
    await store.putFollowerCursor(followedName, 0);
  }

  /** @returns milliseconds until the next step @throws what the store throws; nothing is lost then */
  async step(): Promise<number> {
    const more = this.#pending.length === 0 && (await this.#readOn());
    await this.#putDown(false);
    return more ? 0 : 1000;
  }

  /** Tells everything that is still being gathered. */
  async end(): Promise<void> {
    await this.#putDown(false);
    await this.#putDown(true);
  }

  async #readOn(): Promise<boolean> {
    const { store, desk, now } = this.#options;
    for (let pages = 0; pages < pagesOfStep; pages += 1) {
      const changes = await store.changesAfter(this.#read, page);
      const seen = await this.#sightings(changes);
      for (const change of changes) {
        for (const event of eventsOf(change, this.#grounds, (digest) => seen.get(digest) ?? []))
          desk.take(event, change.cursor, now());
        this.#grounds = groundsAfter(this.#grounds, change);
        this.#read = change.cursor;
      }
      if (changes.length < page) return false;
    }
    return true;
  }

  async #putDown(end: boolean): Promise<void> {
    const { store, desk, now, onMessages } = this.#options;
    // Messages that could not be put down are kept for the next step, and nothing more is read meanwhile.
    if (this.#pending.length === 0) this.#pending = desk.due(now(), end);
    const { lowest } = desk;
    const cursor = lowest === null ? this.#read : Math.min(this.#read, lowest - 1);
    if (this.#pending.length === 0 && cursor === this.#durable) return;
    const at = new Date(now()).toISOString();
    await store.putMessages(this.#pending, at, { name: followerName, cursor });
    const any = this.#pending.length > 0;
    this.#pending = [];
    this.#durable = cursor;
    if (any) onMessages();
  }

  /** Where those images run that pass no longer. */
  async #sightings(changes: readonly Change[]): Promise<ReadonlyMap<Digest, readonly Sighting[]>> {
    const { sightings, now } = this.#options;
    const by = new Map<Digest, Sighting[]>();
    for (const change of changes) if (mayRun(change)) by.set(change.digest, []);
    if (by.size === 0) return by;
    const since = new Date(now() - runsFor).toISOString();
    for (const sighting of await sightings.sightingsOf([...by.keys()], since))
      by.get(sighting.digest)?.push(sighting);
    return by;
  }
}

function mayRun(change: Change): change is VerdictChange {
  return change.kind === 'verdict' && change.from !== null && allows(change.from) && !allows(change.to);
}
