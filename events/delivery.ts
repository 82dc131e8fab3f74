import type { Logger } from '../core/ports/logger.ts';
import type { Outbox, OutboxMessage } from '../core/ports/outbox.ts';
import { backoff } from './backoff.ts';
import { foldAll } from './fold.ts';
import { HourlyLimit } from './hourly-limit.ts';
import type { Message } from './message.ts';
import type { Outcome, Send } from './outcome.ts';
import { foldWaiting, readMessage, whenever } from './waiting.ts';

export const deliveryLimits = {
  /** Milliseconds: a message that is older is given up, where its receiver keeps failing. Outlasts a day that it is down. */
  giveUpAfter: 48 * 3_600_000,
  /** Messages that wait for a receiver; beyond it the oldest are folded. */
  waiting: 10_000,
  /** Dead letters of a receiver. */
  dead: 1000,
  /** Messages that one of kind `more` may stand for. */
  folded: 1000,
  /** Failures in a row before age counts: a clock that jumps alone gives nothing up. */
  failures: 5,
  /** Answered failures of one message, after which others go before it. */
  stubborn: 10,
} as const;

/** Messages that are looked at to find one that may go before a stubborn one. */
const lookahead = 50;
/** Milliseconds between looks at how many wait. */
const lookAtWaiting = 60_000;

export interface DeliveryCounts {
  readonly delivered: number;
  readonly failures: number;
  readonly givenUp: number;
}

export interface DeliveryOptions {
  readonly receiver: { readonly name: string; readonly perHour: number | null };
  readonly send: Send;
  readonly outbox: Outbox;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly limits?: Partial<Record<keyof typeof deliveryLimits, number>>;
}

type Waiting = readonly [OutboxMessage, ...OutboxMessage[]];

/** Sends what waits for one receiver, in order and at least once. `step` is one attempt, for a `Loop` to repeat. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #limits: Readonly<Record<keyof typeof deliveryLimits, number>>;
  readonly #hourly: HourlyLimit;
  #failures = 0;
  /** Answered failures by message, of those that are looked at. */
  readonly #answered = new Map<number, number>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #counts: DeliveryCounts = { delivered: 0, failures: 0, givenUp: 0 };

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#limits = { ...deliveryLimits, ...options.limits };
    this.#hourly = new HourlyLimit(options.receiver.perHour);
  }

  get counts(): DeliveryCounts {
    return this.#counts;
  }

  /**
   * At most one attempt.
   * @returns milliseconds to wait before the next step; null: nothing waits
   * @throws what the outbox throws
   */
  async step(signal: AbortSignal): Promise<number | null> {
    const { outbox, receiver, now } = this.#options;
    await this.#foldWhereTooMany();
    const [first, ...others] = await outbox.dueMessages(receiver.name, whenever, lookahead);
    if (first === undefined) return null;
    const waiting: Waiting = [first, ...others];
    const next = this.#choose(waiting, now());
    const wait = Math.max(Date.parse(next.nextAt) - now(), this.#hourly.wait(now()));
    // Never longer than an hour at a time: the clock may have been set back since.
    if (wait > 0) return Math.min(wait, 3_600_000);
    const kept = await this.#batch(next, waiting);
    const messages = kept.flatMap((one) => readMessage(one) ?? []);
    const [message, ...more] = messages;
    if (message === undefined || messages.length < kept.length) {
      await this.#dropUnreadable(kept.filter((one) => readMessage(one) === null));
      return 0;
    }
    const sent: Message = foldAll([message, ...more]);
    return this.#settle(kept, await this.#options.send(sent, signal), signal);
  }

  /**
   * The oldest; but one that the receiver answers with failures again and again lets others go before it. While nobody
   * answers at all, order is kept.
   */
  #choose(waiting: Waiting, now: number): OutboxMessage {
    for (const id of this.#answered.keys())
      if (!waiting.some((message) => message.id === id)) this.#answered.delete(id);
    const ready = waiting.find(({ id, nextAt }) => !this.#isStubborn(id) || Date.parse(nextAt) <= now);
    return ready ?? waiting[0];
  }

  #isStubborn(id: number): boolean {
    return (this.#answered.get(id) ?? 0) >= this.#limits.stubborn;
  }

  /** The last message that the limit leaves room for stands for all that wait. */
  async #batch(next: OutboxMessage, waiting: Waiting): Promise<Waiting> {
    const { outbox, receiver, now } = this.#options;
    if (this.#hourly.room(now()) > 1 || waiting.length === 1) return [next];
    const [first, ...others] = await outbox.dueMessages(receiver.name, whenever, this.#limits.folded);
    return first === undefined ? [next] : [first, ...others];
  }

  async #settle(kept: Waiting, outcome: Outcome, signal: AbortSignal): Promise<number> {
    const { outbox, receiver, now, logger } = this.#options;
    switch (outcome.kind) {
      case 'delivered':
        await Promise.all(kept.map(({ id }) => outbox.delivered(id)));
        this.#hourly.sent(now());
        this.#count({ delivered: 1 });
        if (this.#failures > 0) logger.info({ receiver: receiver.name }, 'events are delivered again');
        this.#failures = 0;
        return 0;
      case 'refused':
        logger.error(
          { receiver: receiver.name, problem: outcome.problem, messages: kept.length },
          'events are refused by their receiver: see "pratique events dead"',
        );
        await this.#giveUp(kept, outcome.problem);
        return 0;
      case 'retry':
        // The end of this process is no failure of the receiver.
        return signal.aborted ? 0 : this.#failed(kept, outcome);
    }
  }

  async #failed(kept: Waiting, outcome: Extract<Outcome, { kind: 'retry' }>): Promise<number> {
    const { outbox, receiver, now, random, logger } = this.#options;
    const { problem } = outcome;
    this.#failures += 1;
    this.#count({ failures: 1 });
    const told = { receiver: receiver.name, problem, failures: this.#failures };
    if (this.#failures === 1) logger.warn(told, 'events cannot be delivered: they are kept and tried again');
    // One that fails among others that are taken waits by its own failures.
    const wait = backoff(Math.max(this.#failures, kept[0].attempts + 1), outcome.after, random);
    const tooOld = kept.filter(({ createdAt }) => now() - Date.parse(createdAt) > this.#limits.giveUpAfter);
    const [old, ...older] = tooOld;
    if (old !== undefined && this.#failures >= this.#limits.failures) {
      logger.error({ ...told, messages: tooOld.length }, 'events are given up: see "pratique events dead"');
      await this.#giveUp([old, ...older], problem);
      return 0;
    }
    const { id } = kept[0];
    await outbox.failed(id, problem, new Date(now() + wait).toISOString());
    if (outcome.answered) this.#answered.set(id, (this.#answered.get(id) ?? 0) + 1);
    return this.#isStubborn(id) ? 0 : wait;
  }

  async #giveUp(kept: Waiting, problem: string): Promise<void> {
    const { outbox, now } = this.#options;
    const at = new Date(now()).toISOString();
    await Promise.all(kept.map(({ id }) => outbox.giveUp(id, problem, at, this.#limits.dead)));
    this.#count({ givenUp: kept.length });
  }

  async #dropUnreadable([first, ...others]: readonly OutboxMessage[]): Promise<void> {
    if (first === undefined) return;
    const { logger, receiver } = this.#options;
    logger.error({ receiver: receiver.name, messages: others.length + 1 }, 'events that wait cannot be read');
    await this.#giveUp([first, ...others], 'cannot be read: it is of another version');
  }

  async #foldWhereTooMany(): Promise<void> {
    const { outbox, receiver, now, logger } = this.#options;
    if (Math.abs(now() - this.#lookedAt) < lookAtWaiting) return;
    const at = new Date(now()).toISOString();
    let folded = 0;
    for (;;) {
      const { fewer, unreadable } = await foldWaiting(outbox, receiver.name, this.#limits.waiting, at);
      await this.#dropUnreadable(unreadable);
      if (fewer <= 0 && unreadable.length === 0) break;
      folded += fewer;
    }
    this.#lookedAt = now();
    if (folded > 0)
      logger.warn({ receiver: receiver.name, folded }, 'too many events wait: the oldest were folded');
  }

  #count(more: Partial<DeliveryCounts>): void {
    this.#counts = {
      delivered: this.#counts.delivered + (more.delivered ?? 0),
      failures: this.#counts.failures + (more.failures ?? 0),
      givenUp: this.#counts.givenUp + (more.givenUp ?? 0),
    };
  }
}
