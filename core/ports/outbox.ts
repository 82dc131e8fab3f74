/** One message to one receiver. */
export interface OutboxMessage {
  readonly id: number;
  readonly receiver: string;
  /** JSON of a `Message` (events/). */
  readonly body: string;
  readonly attempts: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly nextAt: string;
  /** The last failure, one line; null: not tried yet. */
  readonly problem: string | null;
}

/** Messages that wait for their receivers, and those that were given up. Durable when a call resolves. */
export interface Outbox {
  /**
   * Adds messages and moves a follower's cursor in one transaction, so that nothing is told twice or never.
   * `follower` null: they come from no stream.
   */
  putMessages(
    messages: readonly { readonly receiver: string; readonly body: string }[],
    at: string,
    follower: { readonly name: string; readonly cursor: number } | null,
  ): Promise<void>;
  /** Due ones of a receiver, the oldest first. */
  dueMessages(receiver: string, at: string, limit: number): Promise<readonly OutboxMessage[]>;
  delivered(id: number): Promise<void>;
  failed(id: number, problem: string, nextAt: string): Promise<void>;
  /** Given up: kept in the dead-letter list, which holds the newest `most` of a receiver. */
  giveUp(id: number, problem: string, at: string, most: number): Promise<void>;
  deadLetters(limit: number): Promise<readonly OutboxMessage[]>;
  /** Puts a dead letter back, or all of them (null). How many. */
  retryDead(id: number | null, at: string): Promise<number>;
  waitingMessages(): Promise<
    readonly { readonly receiver: string; readonly waiting: number; readonly dead: number }[]
  >;
}
