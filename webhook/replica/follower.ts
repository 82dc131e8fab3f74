import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { ReplicaStore, ReplicaStream } from '../../core/ports/replica.ts';
import { believeImages, believePage } from './believe.ts';
import { misbehaved, type ProxyClient } from './client.ts';
import type { AskedFor, Contact } from './contact.ts';
import { type Ground, type MakeAddressing, readGround } from './ground.ts';
import type { Knowledge } from './knowledge.ts';
import type { UnreadTold } from './unread.ts';
import { goneSchema } from './wire.ts';

/** How long the proxy may wait for something to tell, seconds. */
const longestWait = 25;
/** Of the shortest `maxAge` in force the part for which the proxy may wait: what is known is as old as the question. */
const partOfAge = 4;
/** Milliseconds beside the wait until an answer counts as missing. */
const patience = 30_000;
/** Of one page: it is written to the disk in one go, and nobody is answered meanwhile. */
const pageOf: Readonly<Record<ReplicaStream, number>> = { changes: 250, images: 500 };
/** The same before all was read once, when nobody can be answered anyway. */
const firstPageOf: Readonly<Record<ReplicaStream, number>> = { changes: 500, images: 500 };
/** Bytes of one answer. */
const longest: Readonly<Record<ReplicaStream | 'ground', number>> = {
  changes: 64 * 1024 ** 2,
  images: 64 * 1024 ** 2,
  ground: 64 * 1024 ** 2,
};
/** Milliseconds between attempts: doubled with each failure, and some of it by chance, so that replicas do not come together. */
const firstPause = 500;
const longestPause = 10_000;
/** After so many cursors in a row that run backwards, everything is read again. */
const mostBackwards = 5;

export interface FollowerParts {
  readonly client: ProxyClient;
  readonly store: ReplicaStore;
  readonly contact: Contact;
  readonly unread: Pick<UnreadTold, 'add'>;
  readonly knowledge: Pick<Knowledge, 'answers' | 'outweighs'>;
  readonly makeAddressing: MakeAddressing;
  /** What is in force now; null: nothing yet. */
  readonly ground: () => Ground | null;
  /** It is on the disk. */
  readonly onGround: (ground: Ground) => void;
  /** All is read, and what was read is on the disk. @param isBack whether that is so for the first time after a failure */
  readonly onHeard: (isBack: boolean) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly logger: Logger;
}

/** A question that is on its way. */
interface Asked {
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly askedAt: number;
  /** `Knowledge.answers` at that time. */
  readonly answers: number;
  readonly answer: Promise<unknown>;
}

/** Follows what a proxy tells, until it is closed. Whatever goes wrong leaves what is known as it is, and is tried again. */
export class Follower {
  readonly #parts: FollowerParts;
  readonly #ending = new AbortController();
  #running: Promise<void> | null = null;
  #failures = 0;
  #backwards = 0;
  #behind = 0;
  readonly #ahead = new Map<ReplicaStream, Asked>();
  /** After a start, or an answer that was missing, nobody waits for news: what is there is read first. */
  #isFresh = true;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Changes that are not read yet, as far as is known. */
  get lag(): number {
    return this.#behind;
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        await this.#round();
        this.#failures = 0;
      } catch {
        // It was told where it happened (`#guarded`).
        if (signal.aborted) return;
        this.#failures += 1;
        this.#isFresh = true;
        this.#ahead.clear();
        await this.#pause();
      }
    }
  }

  async #pause(): Promise<void> {
    const time = Math.min(longestPause, firstPause * 2 ** Math.min(10, this.#failures - 1));
    try {
      await sleep(time * (0.5 + this.#parts.random() / 2), undefined, { signal: this.#ending.signal });
    } catch {
      // It is closed: whoever called sees that.
    }
  }

  async #round(): Promise<void> {
    const { store } = this.#parts;
    // The proxy makes pages of one stream while those of the other are written.
    const isFirst = !store.place('changes').complete || !store.place('images').complete;
    if (!store.place('images').complete) await bothOf(this.#all('changes'), this.#all('images'));
    const askedAt = await this.#guarded('changes', () => this.#changes());
    if (askedAt === null) return;
    await this.#all('images');
    if (this.#ending.signal.aborted) return;
    const isBack = this.#isFresh;
    this.#isFresh = false;
    await this.#guarded('changes', () => Promise.resolve(this.#heard(askedAt, isBack, isFirst)));
  }

  /** Page after page, until all of it is read. */
  async #all(stream: ReplicaStream): Promise<void> {
    const step = (): Promise<number | null> => (stream === 'changes' ? this.#changes() : this.#images());
    while ((await this.#guarded(stream, step)) === null) if (this.#ending.signal.aborted) return;
  }

  /**
   * @param askedAt what has come is no younger than the question, however long it was on its way
   * @param isFirst whether the file was not whole before: what is in force may have been in one that was put aside
   */
  #heard(askedAt: number, isBack: boolean, isFirst: boolean): void {
    const { store, ground, onHeard } = this.#parts;
    const inForce = ground();
    if (isFirst && inForce !== null && store.ground() === null) store.putGround(inForce.text);
    store.putHeardAt(askedAt);
    onHeard(isBack);
  }

  async #guarded<Value>(what: AskedFor, work: () => Promise<Value>): Promise<Value> {
    const { contact, logger } = this.#parts;
    try {
      const value = await work();
      contact.believed(what);
      return value;
    } catch (error) {
      if (!this.#ending.signal.aborted) {
        try {
          contact.failed(what, error);
        } catch (defect) {
          logger.error({ err: defect, what }, 'following the proxy failed: it is tried again');
        }
      }
      throw error;
    }
  }

  /** @returns when it was asked, milliseconds since 1970; null: that was not all yet */
  async #changes(): Promise<number | null> {
    const { store, ground, unread, knowledge } = this.#parts;
    const { records, cursor } = store.place('changes');
    const held = ground()?.revision ?? null;
    const { path, milliseconds } = this.#changesAfter(records, cursor);
    const { askedAt, answers, answer } = this.#ask('changes', path, milliseconds);
    const value = await answer;
    if (value === null) return this.#gone('changes');
    const page = this.#believedPage(value, cursor);
    unread.add(page.unread);
    // Before the verdicts that were made by it: without it they would say nothing.
    if (page.ground !== held) await this.#guarded('ground', () => this.#ground());
    const isLast = page.cursor === page.last;
    if (!isLast) {
      const next = this.#changesAfter(page.records, page.cursor);
      this.#askAhead('changes', next.path, next.milliseconds);
    }
    const verdicts = page.verdicts.filter((entry) => !knowledge.outweighs(entry, answers));
    store.putChanges(verdicts, page.forgotten, { records: page.records, cursor: page.cursor, isLast });
    this.#behind = page.last - page.cursor;
    return isLast ? askedAt : null;
  }

  #changesAfter(
    records: string | null,
    cursor: number,
  ): { readonly path: string; readonly milliseconds: number } {
    const { store, ground } = this.#parts;
    const held = ground()?.revision ?? null;
    const wait = this.#isFresh || records === null ? 0 : waitFor(ground());
    const limit = limitOf('changes', store.place('changes').complete);
    const query = new URLSearchParams({ after: String(cursor), limit });
    if (records !== null) query.set('records', records);
    if (held !== null) query.set('ground', held);
    query.set('wait', String(wait));
    return { path: `/gates/v1/changes?${query.toString()}`, milliseconds: wait * 1000 + patience };
  }

  /** The proxy makes the next page while this one is written. */
  #askAhead(stream: ReplicaStream, path: string, milliseconds: number): void {
    const asked = this.#ask(stream, path, milliseconds);
    // Whoever takes the answer hears of a failure; where nobody does, the same is asked again.
    asked.answer.catch(() => undefined);
    this.#ahead.set(stream, asked);
  }

  #ask(stream: ReplicaStream, path: string, milliseconds: number): Asked {
    const ahead = this.#ahead.get(stream);
    this.#ahead.delete(stream);
    if (ahead?.path === path) return ahead;
    const { now, knowledge } = this.#parts;
    const { answers } = knowledge;
    return { path, askedAt: now(), answers, answer: this.#get(stream, path, milliseconds) };
  }

  /**
   * A cursor that runs backwards is not believed. Where it does so again and again, nobody lies once: everything is read from
   * the beginning, and what is held stays until that is done.
   */
  #believedPage(value: unknown, cursor: number) {
    try {
      const page = believePage(value, cursor, this.#parts.now());
      this.#backwards = 0;
      return page;
    } catch (error) {
      this.#backwards += errorText(error).includes('runs backwards') ? 1 : 0;
      if (this.#backwards >= mostBackwards) {
        this.#backwards = 0;
        this.#gone('changes');
      }
      throw error;
    }
  }

  /** As `#changes`. */
  async #images(): Promise<number | null> {
    const { store, unread } = this.#parts;
    const { records, cursor } = store.place('images');
    const { askedAt, answer } = this.#ask('images', this.#imagesAfter(records, cursor), patience);
    const value = await answer;
    if (value === null) return this.#gone('images');
    const page = believeImages(value, cursor);
    unread.add(page.unread);
    const isLast = page.cursor === page.last;
    if (!isLast) this.#askAhead('images', this.#imagesAfter(page.records, page.cursor), patience);
    const read = { records: page.records, cursor: page.cursor, isLast };
    store.putImages(page.images, page.gone, read, askedAt);
    return isLast ? askedAt : null;
  }

  #imagesAfter(records: string | null, cursor: number): string {
    const limit = limitOf('images', this.#parts.store.place('images').complete);
    const query = new URLSearchParams({ after: String(cursor), limit });
    if (records !== null) query.set('records', records);
    return `/gates/v1/images?${query.toString()}`;
  }

  async #ground(): Promise<void> {
    const { store, makeAddressing, onGround } = this.#parts;
    const value = await this.#get('ground', '/gates/v1/ground', patience);
    if (value === null) throw misbehaved('it says that its ground is gone');
    const ground = readGround(value, makeAddressing);
    store.putGround(ground.text);
    onGround(ground);
  }

  /** @returns null: 410, the cursor is not one of its records */
  async #get(what: ReplicaStream | 'ground', path: string, milliseconds: number): Promise<unknown> {
    const { client } = this.#parts;
    const { signal } = this.#ending;
    const asked = { method: 'GET', path, milliseconds, longest: longest[what], signal } as const;
    const { status, value } = await client.ask(asked);
    if (status === 200) return value;
    if (status === 410 && goneSchema.safeParse(value).success) return null;
    throw misbehaved(`it answers ${status} to /gates/v1/${what}: ${JSON.stringify(value).slice(0, 200)}`);
  }

  #gone(stream: ReplicaStream): null {
    const { store, logger } = this.#parts;
    if (store.place(stream).records === null)
      throw misbehaved('it says that the beginning is not one of its records');
    logger.warn(
      { stream },
      'the records of the proxy are others by now: everything is read again, and what is known stays until then',
    );
    store.beginAnew(stream);
    return null;
  }
}

function limitOf(stream: ReplicaStream, isComplete: boolean): string {
  return String((isComplete ? pageOf : firstPageOf)[stream]);
}

/** Neither is left alone while it still writes. @throws what the first one threw, else what the second one did */
async function bothOf(one: Promise<void>, other: Promise<void>): Promise<void> {
  for (const ended of await Promise.allSettled([one, other])) {
    if (ended.status === 'rejected') throw ended.reason;
  }
}

/** Seconds for which the proxy may wait for news, so that what is known never gets too old in between. */
export function waitFor(ground: Pick<Ground, 'rulebook'> | null): number {
  const ages = (ground?.rulebook.set.bindings ?? []).flatMap(({ maxAge }) => maxAge?.milliseconds ?? []);
  const shortest = Math.min(longestWait * 1000 * partOfAge, ...ages);
  return Math.max(1, Math.floor(shortest / 1000 / partOfAge));
}
