import { join, type Message } from './message.ts';

export interface GroupTimes {
  /** A group is told when nothing has joined it for this long, milliseconds. */
  readonly quiet: number;
  /** It is told after this long however much joins it. */
  readonly longest: number;
  /** After it was told, the same group waits at least this long before it is told again. */
  readonly again: number;
}

/** Groups that are open at a time, and groups that are remembered as told. */
const mostGroups = 1000;

interface Open {
  readonly opened: number;
  readonly touched: number;
  /** Cursor of its first change; null: it comes from no stream. */
  readonly from: number | null;
  readonly message: Message;
}

/** Gathers events into messages. Bounded: beyond 1000 groups, events join one group per kind. The clock is handed in. */
export class Grouper {
  readonly #times: GroupTimes;
  readonly #most: number;
  readonly #open = new Map<string, Open>();
  /** When it was told last, by group. */
  readonly #told = new Map<string, number>();

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
    const own = keyOf(message);
    const full = !this.#open.has(own) && this.#open.size >= this.#most;
    const told = full ? { ...message, group: `more ${message.kind}` } : message;
    const key = full ? keyOf(told) : own;
    const open = this.#open.get(key);
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
    for (const { from } of this.#open.values())
      if (from !== null && (lowest === null || from < lowest)) lowest = from;
    return lowest;
  }

  #isDue(key: string, { opened, touched }: Open, now: number): boolean {
    // A clock that was set back would keep a group open for as long as the step.
    if (now < opened) return true;
    const told = this.#told.get(key);
    if (told !== undefined && now >= told && now < told + this.#times.again) return false;
    return now >= Math.min(touched + this.#times.quiet, opened + this.#times.longest);
  }

  #take(which: (key: string, open: Open) => boolean, now: number): Message[] {
    const taken: Message[] = [];
    for (const [key, open] of this.#open) {
      if (!which(key, open)) continue;
      this.#open.delete(key);
      taken.push(open.message);
      if (this.#times.again > 0) this.#remember(key, now);
    }
    return taken;
  }

  #remember(key: string, now: number): void {
    this.#told.delete(key);
    this.#told.set(key, now);
    const [oldest] = this.#told.keys();
    if (this.#told.size > this.#most && oldest !== undefined) this.#told.delete(oldest);
  }
}

function keyOf({ kind, group }: Message): string {
  return `${kind} ${group}`;
}
