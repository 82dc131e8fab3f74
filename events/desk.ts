import { type EventKind, eventKinds, eventSeverities, type PratiqueEvent } from '../core/event.ts';
import { Grouper } from './group.ts';
import { isResolution, type Message, messageOf } from './message.ts';
import { alertKeepers, endedKinds, type ReceiverBase, type ReceiverType } from './receivers/config.ts';

/** However much joins a group, milliseconds. */
const longest = 300_000;
/**
 * What comes from no stream is durable as soon as it is told, so it waits for a second only; the same again is
 * gathered for five minutes, milliseconds.
 */
const direct = { quiet: 1000, longest: 1000, again: 300_000 };
/** Groups of a kind that are told in those five minutes: whoever may pull chooses names, and each would be a message. */
const mostDirect = 100;

export interface Addressed {
  readonly receiver: string;
  /** JSON of a `Message`. */
  readonly body: string;
}

type Receiver = Pick<ReceiverBase, 'name' | 'kinds' | 'minSeverity' | 'groupFor'> & {
  readonly type: ReceiverType;
};

interface Tray {
  readonly receiver: Receiver;
  readonly stream: Grouper;
  readonly direct: Grouper;
}

/** Sorts events to the receivers that want them, and gathers them there. */
export class Desk {
  readonly #trays: readonly Tray[];
  readonly #taken = new Map<EventKind, number>(eventKinds.map((kind) => [kind, 0]));

  constructor(receivers: readonly Receiver[]) {
    this.#trays = receivers.map((receiver) => ({
      receiver,
      stream: new Grouper({
        quiet: receiver.groupFor,
        longest: Math.max(longest, receiver.groupFor),
        again: 0,
      }),
      direct: new Grouper(direct, mostDirect),
    }));
  }

  /** Events so far, by kind. */
  get taken(): ReadonlyMap<EventKind, number> {
    return this.#taken;
  }

  /** @param cursor of the change that it follows from; null: it comes from no stream */
  take(event: PratiqueEvent, cursor: number | null, now: number): void {
    this.#count(event);
    const wanting = this.#trays.filter(({ receiver }) => wants(receiver, event));
    if (wanting.length === 0) return;
    // A change that is read again after a restart makes the same id; an event from no stream has only its time.
    const message = messageOf(event, cursor === null ? event.at : `cursor ${cursor}`);
    for (const { stream, direct } of wanting) (cursor === null ? direct : stream).add(message, cursor, now);
  }

  /** What is told at once, by itself. @param seed what tells it from others of its group */
  single(event: PratiqueEvent, seed: string): Addressed[] {
    this.#count(event);
    return this.#trays.flatMap(({ receiver }) =>
      wants(receiver, event) ? [addressed(receiver, messageOf(event, seed))] : [],
    );
  }

  /** Takes out the messages whose time has come; at the end of the process all. */
  due(now: number, end: boolean): Addressed[] {
    return this.#trays.flatMap(({ receiver, stream, direct }) =>
      [stream, direct].flatMap((grouper) =>
        (end ? grouper.all(now) : grouper.due(now)).map((message) => addressed(receiver, message)),
      ),
    );
  }

  /** Cursor of the first change that not everybody has been told; null: there is none. */
  get lowest(): number | null {
    const cursors = this.#trays.flatMap(({ stream }) => stream.lowest ?? []);
    return cursors.length === 0 ? null : Math.min(...cursors);
  }

  #count({ kind }: PratiqueEvent): void {
    this.#taken.set(kind, (this.#taken.get(kind) ?? 0) + 1);
  }
}

function wants({ type, kinds, minSeverity }: Receiver, event: PratiqueEvent): boolean {
  const { kind, severity } = event;
  // An end is less severe than what it ends, and of another kind where that was about where an image runs.
  if (isResolution(event) && alertKeepers.includes(type))
    return kinds === null || endedKinds.some((ended) => kinds.includes(ended));
  const severe = eventSeverities.indexOf(severity) <= eventSeverities.indexOf(minSeverity);
  return severe && (kinds === null || kinds.includes(kind));
}

function addressed({ name }: Receiver, message: Message): Addressed {
  return { receiver: name, body: JSON.stringify(message) };
}
