import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { ReplicaStore, ReplicaStream } from '../../core/ports/replica.ts';
import { believeImages, believePage } from './believe.ts';
import { misbehaved, type ProxyClient } from './client.ts';
import type { AskedFor, Contact } from './contact.ts';
import { type Ground, type MakeAddressing, readGround } from './ground.ts';
import { goneSchema } from './wire.ts';

/** How long the proxy may wait for something to tell, seconds. */
const longestWait = 25;
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

/** Follows what a proxy tells, until it is closed. Whatever goes wrong leaves what is known as it is, and is tried again. */
export class Follower {
  readonly #parts: FollowerParts;
  readonly #ending = new AbortController();
  #running: Promise<void> | null = null;
  #failures = 0;
  #backwards = 0;
  #behind = 0;
  #ahead: { readonly path: string; readonly answer: Promise<unknown> } | null = null;
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
    const isWhole = await this.#guarded('changes', () => this.#changes());
    if (!isWhole) return;
    while (!(await this.#guarded('images', () => this.#images()))) if (this.#ending.signal.aborted) return;
    const isBack = this.#isFresh;
    this.#isFresh = false;
    await this.#guarded('changes', () => Promise.resolve(this.#heard(isBack)));
  }

  #heard(isBack: boolean): void {
    this.#parts.store.putHeardAt(this.#parts.now());
    this.#parts.onHeard(isBack);
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

  /** @returns whether all of it is read now */
  async #changes(): Promise<boolean> {
    const { store, ground } = this.#parts;
    const { records, cursor } = store.place('changes');
    const held = ground()?.revision ?? null;
    const { path, milliseconds } = this.#changesAfter(records, cursor);
    const ahead = this.#ahead;
    this.#ahead = null;
    const value = await (ahead?.path === path ? ahead.answer : this.#get('changes', path, milliseconds));
    if (value === null) return this.#gone('changes');
    const page = this.#believedPage(value, cursor);
    // Before the verdicts that were made by it: without it they would say nothing.
    if (page.ground !== held) await this.#guarded('ground', () => this.#ground());
    const isLast = page.cursor === page.last;
    if (!isLast) this.#askAhead(page.records, page.cursor);
    store.putChanges(page.verdicts, page.forgotten, { records: page.records, cursor: page.cursor, isLast });
    this.#behind = page.last - page.cursor;
    return isLast;
  }

  #changesAfter(
    records: string | null,
    cursor: number,
  ): { readonly path: string; readonly milliseconds: number } {
    const { store, ground } = this.#parts;
    const held = ground()?.revision ?? null;
    const wait = this.#isFresh || records === null ? 0 : longestWait;
    const limit = limitOf('changes', store.place('changes').complete);
    const query = new URLSearchParams({ after: String(cursor), limit });
    if (records !== null) query.set('records', records);
    if (held !== null) query.set('ground', held);
    query.set('wait', String(wait));
    return { path: `/gates/v1/changes?${query.toString()}`, milliseconds: wait * 1000 + patience };
  }

  /** The proxy makes the next page while this one is written. */
  #askAhead(records: string, cursor: number): void {
    const { path, milliseconds } = this.#changesAfter(records, cursor);
    const answer = this.#get('changes', path, milliseconds);
    // Whoever takes the answer hears of a failure; where nobody does, the same is asked again.
    answer.catch(() => undefined);
    this.#ahead = { path, answer };
  }

  /**
   * A cursor that runs backwards is not believed. Where it does so again and again, nobody lies once: everything is read from
   * the beginning, and what is held stays until that is done.
   */
  #believedPage(value: unknown, cursor: number) {
    try {
      const page = believePage(value, cursor);
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

  /** @returns whether all of them are read now */
  async #images(): Promise<boolean> {
    const { store, now } = this.#parts;
    const { records, cursor, complete } = store.place('images');
    const query = new URLSearchParams({ after: String(cursor), limit: limitOf('images', complete) });
    if (records !== null) query.set('records', records);
    const askedAt = now();
    const value = await this.#get('images', `/gates/v1/images?${query.toString()}`, patience);
    if (value === null) return this.#gone('images');
    const page = believeImages(value, cursor);
    const isLast = page.cursor === page.last;
    const read = { records: page.records, cursor: page.cursor, isLast };
    store.putImages(page.images, page.gone, read, askedAt);
    return isLast;
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

  #gone(stream: ReplicaStream): false {
    const { store, logger } = this.#parts;
    if (store.place(stream).records === null)
      throw misbehaved('it says that the beginning is not one of its records');
    logger.warn(
      { stream },
      'the records of the proxy are others by now: everything is read again, and what is known stays until then',
    );
    store.beginAnew(stream);
    return false;
  }
}

function limitOf(stream: ReplicaStream, isComplete: boolean): string {
  return String((isComplete ? pageOf : firstPageOf)[stream]);
}
