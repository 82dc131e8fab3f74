import { GroupImages } from './group-images.ts';
import type { MessageKind } from './kind.ts';
import { join, type Message } from './message.ts';

export interface GroupTimes {
  /** A group is told when nothing has joined it for this long, milliseconds. */
  readonly quiet: number;
  /** It is told after this long however much joins it. */
  readonly longest: number;
  /** After it was told, the same group waits at least this long before it is told again. */
  readonly again: number;
}

/** Groups of a kind that are open at a time, or were told within `again`. */
const mostGroups = 1000;

interface Open {
  readonly opened: number;
  readonly touched: number;
  /** Cursor of its first change; null: it comes from no stream. */
  readonly from: number | null;
  readonly message: Message;
}

/**
 * Gathers events into messages. Bounded: beyond 1000 groups of a kind, events join one group. What an image passes again
 * by is told after what it was refused by, and the other way round. The clock is handed in.
 */
export class Grouper {
  readonly #times: GroupTimes;
  readonly #most: number;
  readonly #open = new Map<string, Open>();
  /** When it was told last, by group, the oldest first. */
  readonly #told = new Map<string, { readonly at: number; readonly kind: MessageKind }>();
  /** Groups by kind that are open, or were told within `again`: names are chosen outside, and each would be a message. */
  readonly #groups = new Map<MessageKind, number>();

  readonly #images = new GroupImages();
  /** Groups that nothing may join any more, in the order in which they are told. */
  #closed: Open[] = [];

  constructor(times: GroupTimes, most = mostGroups) {
    this.#times = times;
    this.#most = most;
  }

  /**
   * @param message of one event
   * @param cursor of the change that it follows from; null: it comes from no stream
   * @param now milliseconds since 1970
   */
  add(message: Message, cursor: number | null, now: number): void {
    this.#forgetTold(now);
    this.#closeOpposite(message, now);
    const own = keyOf(message);
    const full = !this.#isKnown(own) && (this.#groups.get(message.kind) ?? 0) >= this.#most;
    const told = full ? overflow(message) : message;
    const key = full ? keyOf(told) : own;
    if (!this.#isKnown(key)) this.#count(message.kind, 1);
    const open = this.#open.get(key);
    this.#images.join(key, message.images, open?.message.images ?? []);
    this.#open.set(
      key,
      open === undefined
        ? { opened: now, touched: now, from: cursor, message: told }
        : { ...open, touched: now, message: join(open.message, told) },
    );
  }

  /** Takes out the messages whose time has come, in the order in which their groups were opened. */
  due(now: number): Message[] {
    return this.#take((key, open) => this.#isDue(key, open, now), now);
  }

  /** Takes out everything, for the end of the process. */
  all(now: number): Message[] {
    return this.#take(() => true, now);
  }

  /** Cursor of the first change that has not been told yet; null: all that came from the stream were. */
  get lowest(): number | null {
    let lowest: number | null = null;
    for (const { from } of [...this.#closed, ...this.#open.values()])
      if (from !== null && (lowest === null || from < lowest)) lowest = from;
    return lowest;
  }

  #isDue(key: string, { opened, touched }: Open, now: number): boolean {
    // A clock that was set back would keep a group open for as long as the step.
    if (now < opened) return true;
    const told = this.#told.get(key);
    if (told !== undefined && now >= told.at && now < told.at + this.#times.again) return false;
    return now >= Math.min(touched + this.#times.quiet, opened + this.#times.longest);
  }

  #take(which: (key: string, open: Open) => boolean, now: number): Message[] {
    const taken = this.#closed.map(({ message }) => message);
    this.#closed = [];
    for (const [key, open] of this.#open) {
      if (!which(key, open)) continue;
      this.#takeOut(key, open, now);
      taken.push(open.message);
    }
    return taken;
  }

  /** The groups that say the opposite of the same image are told before; otherwise the older word could come last. */
  #closeOpposite({ images, resolved }: Message, now: number): void {
    for (const key of images.flatMap((image) => this.#images.groupsOf(image))) {
      const open = this.#open.get(key);
      if (open === undefined || open.message.resolved === resolved) continue;
      this.#takeOut(key, open, now);
      this.#closed.push(open);
    }
  }

  #takeOut(key: string, { message }: Open, now: number): void {
    this.#open.delete(key);
    this.#images.leave(key, message.images);
    // Put last, so that the oldest come first.
    this.#told.delete(key);
    if (this.#times.again > 0) this.#told.set(key, { at: now, kind: message.kind });
    else this.#count(message.kind, -1);
  }

  #forgetTold(now: number): void {
    for (const [key, { at, kind }] of this.#told) {
      if (now >= at && now < at + this.#times.again) return;
      this.#told.delete(key);
      if (!this.#open.has(key)) this.#count(kind, -1);
    }
  }

  #isKnown(key: string): boolean {
    return this.#open.has(key) || this.#told.has(key);
  }

  #count(kind: MessageKind, more: number): void {
    this.#groups.set(kind, (this.#groups.get(kind) ?? 0) + more);
  }
}

/** What images pass again is told by itself: it ends what others begin. */
function overflow(message: Message): Message {
  return { ...message, group: `more ${message.kind}${message.resolved ? ' that pass again' : ''}` };
}

function keyOf({ kind, group }: Message): string {
  return `${kind} ${group}`;
}
